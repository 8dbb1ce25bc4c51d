//! Tenants that refuse readings: codes, who must act, and unchanged findings.

use domain::Clock;
use serde_json::json;
use simulator::{Effect, Fault};
use sqlx::PgPool;
use store::SealContext;
use support::{App, ORGANISATION, Saved, Synced, assert_members};
use uuid::Uuid;

#[support::test]
async fn a_sync_that_reads_nothing_fails_and_says_who_must_act(Synced { app, id }: Synced) {
    let before = app.findings("").await;
    app.tenant().fault(Fault::on_management_api(Effect::ServerError(500)));
    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "failed", "stage": "failed"});
    let failure = &sync["failure"];
    assert_eq!(failure["code"], "auth0_unavailable");
    assert_members!(failure, {"who_must_act": "auth0", "retryable": true});
    let row = &app.history(&id).await[0];
    assert_members!(row, {"status": "failed", "stage": "failed"});
    assert_eq!(row["error"], "auth0_unavailable");
    assert_eq!(app.findings("").await, before);
}

#[support::test]
async fn after_a_refused_secret_the_customer_must_act(Saved { app, id }: Saved) {
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.clock.advance(std::time::Duration::from_secs(3600));
    let sync = app.sync(&id).await;
    let failure = &sync["failure"];
    assert_members!(failure, {"code": "invalid_client", "who_must_act": "customer"});
    assert!(!sync.to_string().contains("simulated-fresh-secret"));
}

#[support::test]
async fn scopes_taken_away_between_two_syncs_leave_findings_as_they_were(
    Synced { app, id }: Synced,
) {
    let open = app.findings("check_id=mfa-never-required").await;
    app.tenant().edit(|file| {
        file.applications[0].scopes =
            Some(["read:attack_protection", "read:stats"].map(String::from).into());
    });
    app.tenant().set("guardian/policies", json!(["all-applications"]));
    // A token carries the scopes of the moment it was issued; this one is too old to be used again.
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.tenant().clear_requests();
    let sync = app.sync(&id).await;
    assert_eq!(sync["state"], "succeeded");
    let readings = sync["readings"].as_array().unwrap();
    let mfa = readings.iter().find(|r| r["reading"] == "mfa_policies").unwrap();
    assert_eq!(mfa["reason"], "missing_scope");
    assert_eq!(app.tenant().count("GET", "/api/v2/guardian"), 0);
    let still = app.findings("check_id=mfa-never-required").await;
    assert_members!(still[0], {"state": "open", "result": "unknown"});
    assert_members!(still[0], {"id": open[0]["id"], "result_reason": "missing_scope"});
}

#[support::test]
async fn each_failure_before_the_first_reading_has_a_code_and_who_must_act(
    Saved { app, id }: Saved,
) {
    let html = Effect::Status {
        code: 200,
        headers: std::collections::BTreeMap::default(),
        body: "<html>hello</html>".into(),
        content_type: "text/html".into(),
    };
    for (effect, code, who_must_act, retryable) in [
        (Effect::ServerError(503), "auth0_unavailable", "auth0", true),
        (html, "not_auth0", "customer", false),
        (Effect::ClientQuotaExceeded { retry_after: 60 }, "rate_limited", "customer", true),
    ] {
        app.clock.advance(std::time::Duration::from_secs(3600));
        app.tenant().clear_faults();
        app.tenant().fault(Fault::on_token_endpoint(effect));
        let failure = app.sync(&id).await["failure"].clone();
        assert_eq!(failure["code"], code);
        assert_members!(failure, {"who_must_act": who_must_act, "retryable": retryable});
    }
    for (address, code) in [
        ("http://127.0.0.1:9/api/v2/", "connection_refused"),
        ("https://no-such-host.invalid/api/v2/", "dns_failure"),
        ("https://not-allowed.example/api/v2/", "host_not_allowed"),
    ] {
        // As if it had been saved for this address: the secret is bound to it.
        let place = SealContext {
            table: "integrations",
            row: Uuid::parse_str(&id).unwrap(),
            column: "client_secret_sealed",
            organisation: ORGANISATION,
            origin: address,
        };
        let sealed = app.engine.store().keys().seal(place, b"a secret");
        let sql = "update integrations set api_identifier = $1, client_secret_sealed = $2";
        sqlx::query(sql).bind(address).bind(sealed).execute(app.pool()).await.unwrap();
        let app = App::builder(app.pool().clone())
            .extra_origin("http://127.0.0.1:9")
            .extra_origin("https://no-such-host.invalid")
            .keys_of(&app)
            .start()
            .await;
        assert_eq!(app.sync(&id).await["failure"]["code"], code);
    }
}

#[support::test]
async fn a_token_refused_during_a_sync_reports_why_renewal_failed(pool: PgPool) {
    for (i, (effect, code, who_must_act, retryable)) in [
        (Effect::ClientQuotaExceeded { retry_after: 3600 }, "rate_limited", "customer", true),
        (Effect::ServerError(503), "auth0_unavailable", "auth0", true),
    ]
    .into_iter()
    .enumerate()
    {
        let app = App::start(pool.clone()).await;
        let id =
            app.create_from(&app.form_with(&json!({"asset_name": format!("asset {i}")}))).await;
        app.tenant().fault(Fault::on_management_api(Effect::ExpireToken));
        app.tenant().fault(Fault::on_token_endpoint(effect));
        let failure = app.sync(&id).await["failure"].clone();
        assert_eq!(failure["code"], code, "{failure}");
        assert_members!(failure, {"who_must_act": who_must_act, "retryable": retryable});
    }
    let app = App::start(pool).await;
    let id = app.create_from(&app.form_with(&json!({"asset_name": "rotated"}))).await;
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.tenant().fault(Fault::on_management_api(Effect::ExpireToken));
    let failure = app.sync(&id).await["failure"].clone();
    assert_members!(failure, {"code": "invalid_client", "who_must_act": "customer"});
}

/// Answers of the Management API itself.
fn answering(code: u16, message: &str, error_code: &str) -> Effect {
    Effect::Status {
        code,
        headers: std::collections::BTreeMap::default(),
        body: json!({"statusCode": code, "message": message, "errorCode": error_code}).to_string(),
        content_type: "application/json".into(),
    }
}

#[support::test]
async fn a_refused_token_has_the_advice_of_a_refused_token(Saved { app, id }: Saved) {
    for (effect, is_of_the_token) in [
        (answering(401, "Bad audience: foo", ""), true),
        (answering(400, "Bad HTTP authentication header format", "Bearer"), true),
        (answering(403, "Blocked by a tenant ACL", ""), false),
    ] {
        app.tenant().clear_faults();
        app.tenant().clear_requests();
        app.tenant().fault(Fault::on_management_api(effect));
        let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
        // 13 readings and the token; a refused token is renewed once, and the new one is tried by two that were
        // refused with the old one.
        assert_eq!(report["calls"], if is_of_the_token { 17 } else { 14 });
        let failure = app.sync(&id).await["failure"].clone();
        assert_eq!(failure["code"], "forbidden");
        let texts = [&report["steps"][5]["hint"], &failure["message"]];
        for text in texts.map(|text| text.as_str().unwrap()) {
            assert_eq!(text.contains("API Audience"), is_of_the_token, "{text}");
            assert_eq!(text.contains("Access Control List"), !is_of_the_token, "{text}");
        }
        assert_eq!(report["steps"][5]["code"], "client_not_authorized");
    }
}

#[support::test]
async fn after_a_refused_request_safe_must_act(Saved { app, id }: Saved) {
    app.tenant().fault(Fault::on_management_api(answering(400, "Bad query", "invalid_uri")));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    let step = &report["steps"][5];
    assert_eq!(step["code"], "not_understood");
    assert!(step["hint"].as_str().unwrap().contains("report it"), "{step}");
    let sync = app.sync(&id).await;
    assert_eq!(sync["readings"][0]["reason"], "api_error");
    let failure = &sync["failure"];
    assert_members!(failure, {"code": "not_understood", "who_must_act": "safe", "retryable": false});
}

#[support::test]
async fn message_and_hint_name_the_same_end_of_a_rate_limit(app: App) {
    let limit = Effect::TooManyRequests { retry_after: Some(3600), with_ratelimit_headers: false };
    app.tenant().fault(Fault::on_management_api(limit));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    let step = &report["steps"][5];
    assert_eq!(step["code"], "rate_limited");
    let then = (app.clock.now() + jiff::SignedDuration::from_secs(3600)).to_string();
    for text in [&step["message"], &step["hint"]] {
        assert!(text.as_str().unwrap().contains(&then), "{then}: {step}");
    }
}
