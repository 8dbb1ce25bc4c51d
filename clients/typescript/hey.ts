// The whole flow with the SDK of @hey-api/openapi-ts.

import assert from "node:assert/strict";
import { createClient } from "./hey/client/index.js";
import * as api from "./hey/index.js";

const { API, TENANT, CLIENT_ID, CLIENT_SECRET, TOKEN } = process.env as Record<string, string>;
const client = createClient({ baseUrl: API!, auth: () => TOKEN! });
const options = { client, throwOnError: true } as const;

const form = await api.getConfigurationForm(options);
assert.equal(form.data.fields[0]?.required !== undefined, true);

const body: api.IntegrationInput = {
  api_identifier: TENANT!,
  api_audience: TENANT!,
  client_id: CLIENT_ID!,
  client_secret: CLIENT_SECRET!,
  auto_sync_frequency: { cron: "0 3 * * *", time_zone: "Europe/Berlin" },
};
assert.equal((await api.testConnection({ ...options, body })).data.outcome, "connected");
const refused = await api.createIntegration({ client, body: { ...body, client_secret: "" } });
assert.equal(refused.error?.code, "validation_failed");

const created = await api.createIntegration({ ...options, body });
const path = { integration_id: created.data.id };
const changed = await api.updateIntegration({
  ...options,
  path,
  headers: { "If-Match": created.response.headers.get("etag")! },
  body: { auto_sync_frequency: "manual" },
});
assert.equal(changed.data.auto_sync_frequency, "manual");

const sync = (await api.startSync({ ...options, path, headers: { Prefer: "wait=60" } })).data;
assert.equal(sync.state, "succeeded");
let received = 0;
const { stream } = await api.streamSyncEvents({ client, path: { sync_id: sync.id } });
for await (const event of stream) {
  assert.ok(event);
  received += 1;
  if ((event as { state?: string }).state === "succeeded") break;
}
assert.ok(received > 2);

const history = (await api.listHistory({ ...options, path })).data;
assert.equal(history.items[0]?.details.checks?.failed, sync.checks.failed);

const findings: api.Finding[] = [];
let cursor: string | undefined;
do {
  const query = { integration_id: [created.data.id], severity: ["critical", "high"] as api.Severity[], limit: 2, cursor };
  const page = (await api.listFindings({ ...options, query })).data;
  findings.push(...page.items);
  cursor = page.next ?? undefined;
} while (cursor);
assert.ok(findings.length > 2);

const accepted = await api.acceptFinding({
  ...options,
  path: { finding_id: findings[0]!.id },
  body: { reason: "wont_fix", rationale: "The tenant is switched off soon." },
});
assert.equal(accepted.data.state, "accepted");

const query = { integration_id: [created.data.id] };
const csv = await api.exportFindings({ ...options, query: { ...query, format: "csv" }, parseAs: "text" });
assert.ok(String(csv.data).split("\n").length > findings.length);

const asset = (await api.listAssets({ ...options, query })).data.items[0]!;
const ofAsset = { ...options, path: { asset_id: asset.id } };
assert.equal((await api.getAsset(ofAsset)).data.accepted_findings, 1);
assert.equal((await api.getDrift(ofAsset)).data.from, null);
assert.equal((await api.getCoverage({ ...options, path })).data.counts?.failed, sync.checks.failed);
const plan = (await api.getPlan(ofAsset)).data;
const preview = (await api.previewPlan({ ...ofAsset, body: { actions: [plan.actions[0]!.id] } })).data;
assert.equal(preview.after.score, plan.actions[0]!.score_after);

const policy = await api.getPolicy(options);
const strict = { thresholds: { "brute-force-threshold-high": { max_attempts: 8 } } };
const version = (response: Response) => ({ "If-Match": response.headers.get("etag")! });
const replaced = await api.putPolicy({ ...options, headers: version(policy.response), body: strict });
await api.putPolicy({ ...options, headers: version(replaced.response), body: {} });

const credential = (await api.createApiCredential({ ...options, body: { name: "Nightly" } })).data;
const basic = createClient({ baseUrl: API!, auth: () => `${credential.id}:${credential.secret}` });
const token = (await api.createToken({ client: basic, throwOnError: true })).data;
const viewer = createClient({ baseUrl: API!, auth: () => token.access_token });
const denied = await api.deleteIntegration({ client: viewer, path });
assert.equal(denied.error?.code, "forbidden");
await api.revokeApiCredential({ ...options, path: { credential_id: credential.id } });

const audit = (await api.listAudit({ ...options, query: { outcome: ["denied"] } })).data;
assert.ok("items" in audit && audit.items.length > 0);

await api.deleteIntegration({ ...options, path });
assert.equal((await api.getIntegration({ ...options, path })).data.state, "deleted");
console.log("ok");
