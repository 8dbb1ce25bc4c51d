//! A sync without an essential reading fails, and an outage never resolves findings.

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::{App, assert_members, item, readable};

/// What the six essential readings have in common, by path.
const ESSENTIAL: [&str; 5] = [
    "/api/v2/attack-protection/breached-password-detection",
    "/api/v2/attack-protection/brute-force-protection",
    "/api/v2/attack-protection/suspicious-ip-throttling",
    "/api/v2/guardian/policies",
    "/api/v2/stats/",
];

async fn assert_failed(app: &App, id: &str, code: &str, who_must_act: &str) {
    let before = app.findings("").await;
    let sync = app.sync(id).await;
    assert_eq!(sync["state"], "failed", "{sync:#}");
    let failure = &sync["failure"];
    assert_members!(failure, {"code": code, "who_must_act": who_must_act});
    assert_eq!(app.findings("").await, before);
}

#[support::test]
async fn a_tenant_that_answers_404_to_everything_has_no_finding_and_no_successful_sync(
    pool: PgPool,
) {
    let app = App::builder(pool).tenant_file(readable("hardened")).start().await;
    let id = app.create().await;
    app.tenant().fault(Fault::on_management_api(Effect::NotFound));
    assert_failed(&app, &id, "not_auth0", "customer").await;
    assert_eq!(app.findings("").await, Vec::<Value>::new());
    assert_eq!(app.get("/v1/assets").await.expect(200).json["items"], json!([]));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "failed");
}

#[support::test]
async fn a_sync_without_an_essential_reading_fails_whatever_else_was_read(pool: PgPool) {
    let app = App::builder(pool).tenant_file(readable("weak")).start().await;
    let id = app.create().await;
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    for path in ESSENTIAL {
        app.tenant().fault(Fault::on_get(path, Effect::ServerError(503)));
    }
    assert_failed(&app, &id, "auth0_unavailable", "auth0").await;
    app.tenant().clear_faults();
    for path in &ESSENTIAL[1..] {
        app.tenant().fault(Fault::on_get(*path, Effect::ServerError(503)));
    }
    let sync = app.sync(&id).await;
    assert_eq!(sync["state"], "succeeded", "one of them was read");
}

fn client(n: usize, grants: &[&str]) -> Value {
    json!({"client_id": format!("app{n}"), "name": format!("App {n}"), "app_type": "spa", "global": false,
        "is_first_party": true, "oidc_conformant": true, "grant_types": grants,
        "token_endpoint_auth_method": "none", "callbacks": ["https://a.example/cb"]})
}

#[support::test]
async fn a_page_that_stays_unreadable_resolves_nothing_and_opens_nothing_anew(pool: PgPool) {
    let app = App::builder(pool).tenant_file(readable("hardened")).start().await;
    let id = app.create().await;
    let grants = |n: usize| if n % 100 == 3 { &["implicit"][..] } else { &["authorization_code"] };
    let clients: Vec<Value> = (0..250).map(|n| client(n, grants(n))).collect();
    app.tenant().set("clients", json!(clients));
    app.sync(&id).await;
    let query = "check_id=application-insecure-grant";
    let before = app.findings(query).await;
    assert_eq!(before.len(), 3);
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.tenant().fault(Fault::on_get("/api/v2/clients", Effect::ServerError(500)).skip(1));
    let sync = app.sync(&id).await;
    assert_eq!(item(&sync["readings"], "reading", "clients")["outcome"], "unreadable");
    assert!(sync["coverage_percent"].as_u64().unwrap() < 100);
    let seen = |findings: &[Value]| -> Vec<Value> {
        let members = ["id", "state", "last_seen_at", "reopen_count"];
        findings.iter().map(|f| json!(members.map(|member| &f[member]))).collect()
    };
    assert_eq!(seen(&app.findings(query).await), seen(&before));
    app.tenant().clear_faults();
    let sync = app.sync(&id).await;
    assert_members!(sync["findings"], {"opened": 0, "reopened": 0});
    let ids = |findings: &[Value]| findings.iter().map(|f| f["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&app.findings(query).await), ids(&before));
}
