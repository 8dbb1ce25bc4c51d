//! Every row of the error table.

use super::*;
use domain::address::Permission;
use jiff::Timestamp;
use serde_json::json;
use std::time::Duration;

const CONTEXT: ResponseContext<'_> = ResponseContext {
    domain: "acme.eu.auth0.com",
    audience: "https://acme.eu.auth0.com/api/v2/",
    audience_is_known: true,
    secret: "hunter2hunter2",
    permission: Permission::Auth0,
    longest_wait: Duration::from_hours(24),
    now: Timestamp::UNIX_EPOCH,
};

fn judged(status: u16, error: &str, description: &str) -> (StepName, StepCode) {
    let body = json!({"error": error, "error_description": description}).to_string();
    let status = StatusCode::from_u16(status).unwrap();
    let problem = classify(status, None, body.as_bytes(), CONTEXT);
    assert!(!problem.hint.is_empty() && !problem.message.contains("hunter2"));
    (problem.step, problem.code)
}

#[test]
fn each_refusal_has_its_code() {
    use StepCode as C;
    use StepName::{Audience, Token};
    let denied = "access_denied";
    let link = "Client is not authorized to access \"https://acme.eu.auth0.com/api/v2/\". You \
        need to create a \"client-grant\" associated to this API. See: https://auth0.com/docs";
    let grant = "Grant type 'client_credentials' not allowed";
    let global = "Non-global clients are not allowed access to APIv1.";
    let scopes = "Client has not been granted scopes: read:x";
    for (status, error, description, step, code) in [
        (401, denied, "Unauthorized", Token, C::InvalidClient),
        (401, "invalid_client", "Client authentication failed", Token, C::InvalidClient),
        (401, "invalid_client", "Missing client_id", Token, C::InvalidClient),
        (400, "invalid_client", "", Token, C::InvalidClient),
        (403, denied, "Service not found: https://x/api/v2", Audience, C::UnknownAudience),
        (403, denied, "Service not enabled within domain: x", Audience, C::UnknownAudience),
        (403, denied, link, Audience, C::ClientNotAuthorized),
        (403, "unauthorized_client", grant, Token, C::GrantNotAllowed),
        (401, "unauthorized_client", "x", Token, C::GrantNotAllowed),
        (403, denied, global, Audience, C::UnknownAudience),
        (403, denied, scopes, Audience, C::ClientNotAuthorized),
        (403, denied, "blocked by policy", Audience, C::ClientNotAuthorized),
        (400, "invalid_request", "Missing required parameter: grant_type", Token, C::NotUnderstood),
        (400, "unsupported_grant_type", "x", Token, C::GrantNotAllowed),
        (403, "unsupported_grant_type", "x", Token, C::GrantNotAllowed),
        (418, "teapot", "hunter2hunter2", Token, C::NotUnderstood),
        (404, "Not Found", "x", Token, C::NotAuth0),
    ] {
        let row = format!("{status} {error} {description}");
        assert_eq!(judged(status, error, description), (step, code), "{row}");
    }
}

#[test]
fn a_refused_audience_outside_the_known_hosts_is_a_custom_domain() {
    let context = ResponseContext {
        audience: "https://login.acme.example/api/v2/",
        audience_is_known: false,
        ..CONTEXT
    };
    let body = br#"{"error":"access_denied","error_description":"Service not found: x"}"#;
    let problem = classify(StatusCode::FORBIDDEN, None, body, context);
    assert_eq!((problem.step, problem.code), (StepName::Audience, StepCode::CustomDomainAudience));
    assert!(problem.message.contains("login.acme.example"));
}

#[test]
fn an_answer_without_an_oauth_error_is_not_auth0() {
    for (status, body) in [
        (400, "<html>"),
        (403, "{}"),
        (401, "null"),
        (404, "{\"error\":\"x\"}"),
        (403, "{\"error\":1}"),
    ] {
        let problem =
            classify(StatusCode::from_u16(status).unwrap(), None, body.as_bytes(), CONTEXT);
        assert_eq!(problem.code, StepCode::NotAuth0, "{status} {body}");
    }
}

#[test]
fn a_redirect_names_only_the_host() {
    let location = Some("https://login.example/path?token=eyJhbGciOi");
    let problem = classify(StatusCode::FOUND, location, b"", CONTEXT);
    assert_eq!(problem.code, StepCode::NotAuth0);
    assert!(problem.message.contains("login.example") && !problem.message.contains("token="));
}
