// The whole flow with the client that OpenAPI Generator generates for TypeScript (typescript-fetch).

import assert from "node:assert/strict";
import * as api from "./generator/index.js";

const { API, TENANT, CLIENT_ID, CLIENT_SECRET, TOKEN } = process.env as Record<string, string>;
const configuration = (credentials: api.ConfigurationParameters) => new api.Configuration({ basePath: API!, ...credentials });
const admin = configuration({ accessToken: TOKEN! });
const integrations = new api.IntegrationsApi(admin);

async function fails(answer: Promise<unknown>, status: number, code: string): Promise<api.Problem> {
  const error = await answer.then(() => assert.fail(`no ${code}`), (error: unknown) => error);
  assert.ok(error instanceof api.ResponseError, String(error));
  const problem = api.ProblemFromJSON(await error.response.json());
  assert.deepEqual([problem.status, problem.code], [status, code]);
  return problem;
}

const form = await new api.ConfigurationApi(admin).getConfigurationForm();
assert.equal(form.fields.find((field) => field.required)?.name, "api_identifier");

const integrationInput: api.IntegrationInput = {
  apiIdentifier: TENANT!,
  apiAudience: TENANT!,
  clientId: CLIENT_ID!,
  clientSecret: CLIENT_SECRET!,
  autoSyncFrequency: { every: "6h" },
};
assert.equal((await new api.ConfigurationApi(admin).testConnection({ integrationInput })).outcome, "connected");
const wrong = { ...integrationInput, clientSecret: "not the secret" };
const refused = await fails(integrations.createIntegration({ integrationInput: wrong }), 422, "connection_test_failed");
assert.equal(refused.connectionTest?.steps.find((step) => step.status === "failed")?.code, "invalid_client");

const created = await integrations.createIntegrationRaw({ integrationInput });
const integration = await created.value();
const { id: integrationId } = integration;
assert.deepEqual(integration.autoSyncFrequency, { every: "6h", cron: undefined, timeZone: undefined });
const changed = await integrations.updateIntegration({
  integrationId,
  ifMatch: created.raw.headers.get("etag")!,
  integrationChanges: { autoSyncFrequency: "manual" },
});
assert.equal(changed.autoSyncFrequency, "manual");

const sync = await new api.SyncsApi(admin).startSync({ integrationId, prefer: "wait=60" });
assert.equal(sync.state, "succeeded");
const events = await new api.SyncsApi(admin).streamSyncEvents({ syncId: sync.id });
assert.match(await events!.text(), /event: reading/);

const history = await new api.HistoryApi(admin).listHistory({ integrationId });
assert.deepEqual(history.items.map((entry) => entry.action), ["sync", "update", "update"]);
assert.equal(history.items[0]?.details.checks?.failed, sync.checks.failed);

const findings: api.Finding[] = [];
let cursor: string | undefined;
do {
  const severity = [api.Severity.Critical, api.Severity.High];
  const page = await new api.FindingsApi(admin).listFindings({ integrationId: [integrationId], severity, limit: 2, cursor });
  findings.push(...page.items);
  cursor = page.next ?? undefined;
} while (cursor);
assert.ok(findings.length > 2 && new Set(findings.map(({ id }) => id)).size === findings.length);

const accepted = await new api.FindingsApi(admin).acceptFinding({
  findingId: findings[0]!.id,
  acceptanceInput: { reason: api.AcceptanceReason.WontFix, rationale: "The tenant is switched off soon." },
});
assert.equal(accepted.acceptance?.reason, "wont_fix");
const csv = await new api.FindingsApi(admin).exportFindings({ integrationId: [integrationId], format: "csv" });
assert.ok((await csv.text()).split("\n").length > findings.length);

const assets = new api.AssetsApi(admin);
const assetId = (await assets.listAssets({ integrationId: [integrationId] })).items[0]!.id;
assert.equal((await assets.getAsset({ assetId })).acceptedFindings, 1);
assert.equal((await assets.getDrift({ assetId })).from, null);
assert.equal((await integrations.getCoverage({ integrationId })).counts?.failed, sync.checks.failed);
const plan = await assets.getPlan({ assetId });
const planPreviewInput = { actions: [plan.actions[0]!.id] };
const preview = await assets.previewPlan({ assetId, planPreviewInput });
assert.equal(preview.after.score, plan.actions[0]!.scoreAfter);

const policies = new api.PolicyApi(admin);
const before = (await policies.getPolicyRaw({})).raw.headers.get("etag")!;
const policyInput = { thresholds: { "brute-force-threshold-high": { max_attempts: 8 } } };
const after = (await policies.putPolicyRaw({ ifMatch: before, policyInput })).raw.headers.get("etag")!;
await fails(policies.putPolicy({ ifMatch: before, policyInput: {} }), 412, "precondition_failed");
await policies.putPolicy({ ifMatch: after, policyInput: {} });

const credentials = new api.CredentialsApi(admin);
const credential = await credentials.createApiCredential({ apiCredentialInput: { name: "Nightly", role: api.Role.Viewer } });
const program = configuration({ username: credential.id, password: credential.secret });
const token = await new api.CredentialsApi(program).createToken({ grantType: "client_credentials" });
const viewer = new api.IntegrationsApi(configuration({ accessToken: token.accessToken }));
assert.equal((await viewer.getIntegration({ integrationId })).id, integrationId);
await fails(viewer.deleteIntegration({ integrationId }), 403, "forbidden");
await credentials.revokeApiCredential({ credentialId: credential.id });

const audit = await new api.AuditApi(admin).listAudit({ outcome: ["done", "denied"] });
assert.ok(audit.items.some((event) => event.details?.code === "forbidden"));

await integrations.deleteIntegration({ integrationId });
assert.equal((await integrations.getIntegration({ integrationId })).state, "deleted");

// A value that is added later.
assert.equal(api.FindingFromJSON({ ...api.FindingToJSON(findings[0]), severity: "unheard_of" }).severity, "unheard_of");
console.log("ok");
