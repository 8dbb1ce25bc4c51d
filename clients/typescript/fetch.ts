// The whole flow with openapi-fetch and the types of openapi-typescript.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const { API, TENANT, CLIENT_ID, CLIENT_SECRET, TOKEN } = process.env as Record<string, string>;
const client = (authorization: string) =>
  createClient<paths>({ baseUrl: API!, headers: { Authorization: authorization } });
const admin = client(`Bearer ${TOKEN}`);

type Answer<T> = { data?: T; error?: components["schemas"]["Problem"]; response: Response };

async function ok<T>(answer: Promise<Answer<T>>, status = 200): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  assert.equal(response.status, status, JSON.stringify(error));
  return data!;
}

async function problem(answer: Promise<Answer<unknown>>, status: number, code: string) {
  const { error } = await answer;
  assert.deepEqual([error?.status, error?.code], [status, code]);
}

const form = await ok(admin.GET("/v1/configuration-form"));
assert.equal(form.fields.filter((field) => field.required)[0]?.name, "api_identifier");

const body: components["schemas"]["IntegrationInput"] = {
  api_identifier: TENANT!,
  api_audience: TENANT!,
  client_id: CLIENT_ID!,
  client_secret: CLIENT_SECRET!,
  auto_sync_frequency: { every: "6h" },
};
assert.equal((await ok(admin.POST("/v1/connection-tests", { body }))).outcome, "connected");
await problem(admin.POST("/v1/integrations", { body: { ...body, client_secret: "" } }), 422, "validation_failed");

const created = await admin.POST("/v1/integrations", { body, params: { header: { "Idempotency-Key": crypto.randomUUID() } } });
const integration = await ok(Promise.resolve(created), 201);
const path = { integration_id: integration.id };
const changed = await ok(
  admin.PATCH("/v1/integrations/{integration_id}", {
    params: { path, header: { "If-Match": created.response.headers.get("etag")! } },
    body: { auto_sync_frequency: "manual" },
    headers: { "Content-Type": "application/merge-patch+json" },
  }),
);
assert.equal(changed.auto_sync_frequency, "manual");

const sync = await ok(
  admin.POST("/v1/integrations/{integration_id}/syncs", { params: { path, header: { Prefer: "wait=60" } } }),
);
assert.equal(sync.state, "succeeded");
const events = await ok(
  admin.GET("/v1/syncs/{sync_id}/events", { params: { path: { sync_id: sync.id } }, parseAs: "text" }),
);
assert.match(events, /event: reading/);

const history = await ok(admin.GET("/v1/integrations/{integration_id}/history", { params: { path } }));
assert.deepEqual(history.items.map((entry) => entry.action), ["sync", "update", "update"]);
assert.equal(history.items[0]?.details.checks?.failed, sync.checks.failed);

const findings: components["schemas"]["Finding"][] = [];
let cursor: string | undefined;
do {
  const page = await ok(
    admin.GET("/v1/findings", {
      params: { query: { integration_id: [integration.id], severity: ["critical", "high"], limit: 2, cursor } },
    }),
  );
  findings.push(...page.items);
  cursor = page.next ?? undefined;
} while (cursor);
assert.ok(findings.length > 2 && new Set(findings.map(({ id }) => id)).size === findings.length);

const finding = { finding_id: findings[0]!.id };
const accepted = await ok(
  admin.PUT("/v1/findings/{finding_id}/acceptance", {
    params: { path: finding },
    body: { reason: "wont_fix", rationale: "The tenant is switched off soon." },
  }),
);
assert.equal(accepted.acceptance?.reason, "wont_fix");

const csv = await ok(
  admin.GET("/v1/findings/export", { params: { query: { integration_id: [integration.id], format: "csv" } }, parseAs: "text" }),
);
assert.ok((csv as string).split("\n").length > findings.length);

const asset = (await ok(admin.GET("/v1/assets", { params: { query: { integration_id: [integration.id] } } }))).items[0]!;
const ofAsset = { params: { path: { asset_id: asset.id } } };
assert.equal((await ok(admin.GET("/v1/assets/{asset_id}", ofAsset))).accepted_findings, 1);
assert.equal((await ok(admin.GET("/v1/assets/{asset_id}/drift", ofAsset))).from, null);
const coverage = await ok(admin.GET("/v1/integrations/{integration_id}/coverage", { params: { path } }));
assert.equal(coverage.counts?.failed, sync.checks.failed);
const plan = await ok(admin.GET("/v1/assets/{asset_id}/plan", ofAsset));
const first = plan.actions[0]!;
const preview = await ok(admin.POST("/v1/assets/{asset_id}/plan/preview", { ...ofAsset, body: { actions: [first.id] } }));
assert.equal(preview.after.score, first.score_after);

const policy = await admin.GET("/v1/policy");
const version = { params: { header: { "If-Match": policy.response.headers.get("etag")! } } };
const strict = { thresholds: { "brute-force-threshold-high": { max_attempts: 8 } } };
const replaced = await admin.PUT("/v1/policy", { ...version, body: strict });
await problem(admin.PUT("/v1/policy", { ...version, body: {} }), 412, "precondition_failed");
const latest = { params: { header: { "If-Match": replaced.response.headers.get("etag")! } } };
await ok(admin.PUT("/v1/policy", { ...latest, body: {} }));

const credential = await ok(admin.POST("/v1/api-credentials", { body: { name: "Nightly", role: "viewer" } }), 201);
const program = client(`Basic ${btoa(`${credential.id}:${credential.secret}`)}`);
const token = await ok(program.POST("/v1/token"));
const viewer = client(`Bearer ${token.access_token}`);
await ok(viewer.GET("/v1/integrations/{integration_id}", { params: { path } }));
await problem(viewer.DELETE("/v1/integrations/{integration_id}", { params: { path } }), 403, "forbidden");
const ofCredential = { params: { path: { credential_id: credential.id } } };
await ok(admin.DELETE("/v1/api-credentials/{credential_id}", ofCredential), 204);

const audit = await ok(admin.GET("/v1/audit", { params: { query: { outcome: ["done", "denied"] } } }));
assert.ok(typeof audit !== "string");
assert.ok(audit.items.some((event) => event.details?.code === "forbidden"));

await ok(admin.DELETE("/v1/integrations/{integration_id}", { params: { path } }), 204);
assert.equal((await ok(admin.GET("/v1/integrations/{integration_id}", { params: { path } }))).state, "deleted");
console.log("ok");
