//! The table against the contract, its documentation, and what a problem shows and hides.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::middleware::{RequestContext, render};
use crate::testing::{Answer, assert_golden};
use domain::Fault;

fn context() -> RequestContext {
    RequestContext::new(&http::Request::get("/v1/findings").body(()).unwrap())
}

#[test]
fn codes_are_unique_and_as_documented() {
    let expected = "malformed_request, validation_failed, connection_test_failed, unauthenticated, \
        forbidden, not_found, method_not_allowed, sync_in_progress, asset_name_taken, conflict, \
        integration_deleted, integration_disabled, finding_not_open, precondition_required, \
        precondition_failed, payload_too_large, unsupported_media_type, idempotency_key_reused, \
        idempotency_key_in_use, cursor_outdated, quota_exceeded, rate_limited, unavailable, internal";
    let codes: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.spec().code).collect();
    assert_eq!(codes.join(", "), expected);
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
}

#[test]
fn the_code_on_the_wire_is_the_code_of_the_table() {
    for kind in ProblemKind::ALL {
        let wire = serde_json::to_value(crate::wire::problem::ProblemCode::from(*kind)).unwrap();
        assert_eq!(wire, kind.spec().code);
    }
}

#[test]
fn the_documentation_lists_every_problem() {
    let mut text = String::from(
        "# Problems\n\n<!-- Generated from crates/api/src/problem.rs; `make bless` rewrites it. -->\n\n\
        Every response of 400 or more is a problem document (RFC 9457) with `type`, `title`, `status`, `detail`,\n\
        `instance` (the path of the request), `code`, `request_id` and `retryable`. Programs use `code`. `type` is a\n\
        stable identifier, not a resolvable address. `retryable` is true if the same request, unchanged, can succeed\n\
        later. Invalid input has `errors`, one for each fault, each with `detail` and exactly one of `pointer` (JSON\n\
        Pointer into the body), `parameter` (of the query or the path) and `header`. The first 50 are listed;\n\
        `errors_omitted` is the number of the others.\n",
    );
    for kind in ProblemKind::ALL {
        let row = kind.spec();
        let retryable = if row.is_retryable { "yes" } else { "no" };
        write!(
            text,
            "\n## {}\n\n**{}** · {} · retryable: {retryable} · `{}`\n\n{}\n",
            row.code,
            row.status.as_u16(),
            row.title,
            row.uri(),
            row.meaning,
        )
        .unwrap();
    }
    assert_golden("docs/problems.md", &text);
}

#[tokio::test]
async fn every_fault_comes_with_its_place() {
    let faults = Faults(vec![
        Fault::at("/name", "must be a string"),
        Fault::parameter("limit", "must be a whole number"),
        Fault::header("prefer", "must be ASCII"),
    ]);
    let answer = Answer::read(finish_one(ApiError::Invalid(faults))).await;
    answer.assert_problem(422, "validation_failed");
    assert_eq!(
        answer.json["errors"],
        serde_json::json!([
            {"pointer": "/name", "detail": "must be a string"},
            {"parameter": "limit", "detail": "must be a whole number"},
            {"header": "prefer", "detail": "must be ASCII"},
        ])
    );
}

#[tokio::test]
async fn a_problem_lists_fifty_faults_and_counts_the_rest() {
    let faults = |count: usize| {
        let all = (0..count).map(|n| Fault::at(format!("/{n}"), "is not a known field"));
        finish_one(ApiError::Invalid(Faults(all.collect())))
    };
    let answer = Answer::read(faults(50)).await;
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 50);
    assert!(answer.json.get("errors_omitted").is_none());
    let answer = Answer::read(faults(16_000)).await;
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 50);
    assert_eq!(answer.json["errors_omitted"], 15_950);
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains("16000") && detail.contains("15950 more"), "{detail}");
}

fn finish_one(error: ApiError) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let context = context();
    let mut response = render(error.into_response(), &context);
    let id = context.request_id().parse().unwrap();
    response.headers_mut().insert("x-request-id", id);
    response
}

#[tokio::test]
async fn a_cause_is_never_sent() {
    let answer = Answer::read(finish_one(ApiError::internal("password=hunter2"))).await;
    answer.assert_problem(500, "internal");
    assert!(!answer.json.to_string().contains("hunter2"));
    let store = store::Error::Unavailable("host db.internal".into());
    let answer = Answer::read(finish_one(store.into())).await;
    answer.assert_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(!answer.json.to_string().contains("db.internal"));
}

#[tokio::test]
async fn challenges_follow_the_bearer_rfc() {
    for (error, part) in [
        (ApiError::Unauthenticated(None), r#"Bearer realm="safe-auth0""#),
        (ApiError::Unauthenticated(Some("expired")), r#"error="invalid_token""#),
        (ApiError::Forbidden("admins only"), r#"error="insufficient_scope""#),
    ] {
        let is_bare = matches!(error, ApiError::Unauthenticated(None));
        let answer = Answer::read(finish_one(error)).await;
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains(part), "{challenge}");
        assert_eq!(challenge.contains("error"), !is_bare);
    }
}

#[tokio::test]
async fn a_sync_in_progress_is_named() {
    let id = SyncId(uuid::Uuid::from_u128(7));
    let answer = Answer::read(finish_one(ApiError::SyncInProgress(id))).await;
    answer.assert_problem(409, "sync_in_progress");
    assert_eq!(answer.json["sync_id"], id.to_string());
    assert_eq!(answer.json["retryable"], true);
}
