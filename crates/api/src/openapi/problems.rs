//! The problems of each operation, by status, with an example of each.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::operation::{Idempotency, Operation};
use crate::problem::ProblemKind;
use crate::wire::problem::MEDIA_TYPE;

/// Adds the responses of every problem that the operation has. A status with one problem refers to its component.
pub fn add(components: &mut Value, responses: &mut Value, operation: &Operation) {
    let mut by_status: BTreeMap<StatusCode, Vec<ProblemKind>> = BTreeMap::new();
    for kind in operation.problems() {
        by_status.entry(kind.spec().status).or_default().push(kind);
    }
    for (status, kinds) in by_status {
        for kind in &kinds {
            let name = component_name(*kind);
            components["examples"][name] =
                json!({"summary": kind.spec().title, "value": example(*kind)});
        }
        responses[status.as_str()] = match kinds.as_slice() {
            [kind] => {
                let name = component_name(*kind);
                components["responses"][&name] = response(&kinds, Idempotency::Ignored);
                json!({"$ref": format!("#/components/responses/{name}")})
            }
            _ => response(&kinds, operation.declared.idempotency),
        };
    }
}

/// `SyncInProgress`
fn component_name(kind: ProblemKind) -> String {
    format!("{kind:?}")
}

fn response(kinds: &[ProblemKind], idempotency: Idempotency) -> Value {
    use ProblemKind as Kind;
    let has = |any: &[Kind]| kinds.iter().any(|kind| any.contains(kind));
    let mut headers = Map::new();
    let mut add = |applies: bool, name: &str, component: &str| {
        if applies {
            let target = format!("#/components/headers/{component}");
            headers.insert(name.into(), json!({"$ref": target}));
        }
    };
    add(true, "X-Request-Id", "RequestId");
    add(!has(&[Kind::Internal]), "RateLimit", "RateLimit");
    add(!has(&[Kind::Internal]), "RateLimit-Policy", "RateLimitPolicy");
    add(has(&[Kind::Unauthenticated, Kind::Forbidden]), "WWW-Authenticate", "WwwAuthenticate");
    let waits =
        [Kind::RateLimited, Kind::Unavailable, Kind::SyncInProgress, Kind::IdempotencyKeyInUse];
    add(has(&waits), "Retry-After", "RetryAfter");
    let is_stored = has(&[Kind::ConnectionTestFailed]) && idempotency == Idempotency::Key;
    add(is_stored, "Idempotency-Replayed", "IdempotencyReplayed");
    let texts: Vec<_> = kinds.iter().map(|kind| text(*kind, kinds.len() > 1)).collect();
    let examples: Map<_, _> = kinds.iter().map(|kind| example_reference(*kind)).collect();
    json!({
        "description": texts.join("\n"),
        "headers": headers,
        "content": {MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": examples,
        }}
    })
}

fn text(kind: ProblemKind, is_one_of_many: bool) -> String {
    let spec = kind.spec();
    let text = format!("`{}`: {}", spec.code, spec.meaning);
    if is_one_of_many { format!("- {text}") } else { text }
}

fn example_reference(kind: ProblemKind) -> (String, Value) {
    let target = format!("#/components/examples/{}", component_name(kind));
    (kind.spec().code.to_owned(), json!({"$ref": target}))
}

fn example(kind: ProblemKind) -> Value {
    const INTEGRATION: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    let spec = kind.spec();
    let mut problem = json!({
        "type": spec.uri(), "title": spec.title, "status": spec.status.as_u16(), "code": spec.code,
        "detail": spec.meaning.replace('`', ""), "instance": format!("/v1/integrations/{INTEGRATION}"),
        "request_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "retryable": spec.is_retryable,
    });
    match kind {
        ProblemKind::MalformedRequest => {
            problem["detail"] = json!("the body is not JSON, near line 1, column 17");
            problem["errors"] =
                json!([{"pointer": "", "detail": "is not JSON, near line 1, column 17"}]);
        }
        ProblemKind::ValidationFailed => {
            problem["detail"] = json!("2 faults; see errors.");
            problem["errors"] = json!([
                {"pointer": "/client_secret", "detail": "is required"},
                {"parameter": "limit", "detail": "must be a whole number from 1"},
            ]);
        }
        ProblemKind::PreconditionRequired => {
            problem["errors"] =
                json!([{"header": "if-match", "detail": "is required: send the ETag, or *"}]);
        }
        ProblemKind::ConnectionTestFailed => problem["connection_test"] = failed_test(),
        ProblemKind::SyncInProgress => {
            problem["sync_id"] = json!("01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11");
        }
        ProblemKind::AssetNameTaken
        | ProblemKind::Conflict
        | ProblemKind::IntegrationDeleted
        | ProblemKind::IntegrationDisabled => problem["integration_id"] = json!(INTEGRATION),
        _ => {}
    }
    problem
}

fn failed_test() -> Value {
    json!({
        "outcome": "failed", "recorded": false, "reason": "unsaved_configuration", "history_entry_id": null,
        "duration_ms": 61, "calls": 1, "normalised": [],
        "steps": [{
            "name": "token", "status": "failed", "code": "invalid_client",
            "message": "The tenant refused the client ID or the client secret.",
            "hint": "Copy both again from the application's Settings.", "duration_ms": 51
        }],
        "scopes": {"granted": [], "missing_required": [], "missing_optional": [], "unneeded": []},
        "coverage": {
            "checks_total": 148, "checks_not_enabled": 0, "checks_runnable": 0, "percent": 0, "not_runnable": []
        },
    })
}
