//! Connection tests: each failure has its code and its hint.

use http::Method;
use serde_json::{Value, json};
use simulator::{CertificateAuthority, Effect, Fault, TenantFile, Tls};
use sqlx::PgPool;
use support::{App, AppBuilder, Saved, assert_members};

/// The first failed step of a test of this form.
async fn first_failure(app: &App, form: &Value) -> (String, String, Value) {
    let report = app.post("/v1/connection-tests", form).await.expect(200).json;
    assert_eq!(report["outcome"], "failed", "{report:#}");
    let steps = report["steps"].as_array().unwrap();
    let failed = steps.iter().find(|s| s["status"] == "failed").expect("a failed step");
    assert!(failed["hint"].as_str().is_some_and(|hint| hint.len() > 20), "{failed}");
    let text = report.to_string();
    let secret = form["client_secret"].as_str().unwrap();
    assert!(!text.contains(secret), "the report has the secret");
    let at = |name: &str| failed[name].as_str().unwrap().to_owned();
    (at("name"), at("code"), report.clone())
}

async fn assert_fails(app: &App, form: &Value, step: &str, code: &str) -> Value {
    let (name, found, report) = first_failure(app, form).await;
    assert_eq!((name.as_str(), found.as_str()), (step, code), "{report:#}");
    report
}

fn skipped_after(report: &Value, step: &str) {
    let steps = report["steps"].as_array().unwrap();
    let at = steps.iter().position(|s| s["name"] == step).unwrap();
    for later in &steps[at + 1..] {
        assert_members!(later, {"status": "skipped", "code": "skipped"});
    }
    assert!(steps[..at].iter().all(|s| s["status"] == "passed"));
}

#[support::test]
async fn every_step_passes_in_order_on_a_tenant_that_grants_what_is_needed(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    let names: Vec<_> =
        report["steps"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names[..5], ["configuration", "reachability", "token", "audience", "scopes"]);
    assert!(names[5..].iter().all(|name| *name == "probe") && names.len() == 18);
    assert_eq!(report["calls"], 14);
    assert_eq!(
        report["scopes"]["granted"],
        json!(["read:attack_protection", "read:mfa_policies", "read:stats"])
    );
    assert_eq!(report["scopes"]["unneeded"], json!([]));
    assert_eq!(report["coverage"]["percent"], 100);
    assert!(report["duration_ms"].is_u64());
}

#[support::test]
async fn credential_and_audience_failures_are_distinguished(app: App) {
    let wrong_secret = app.form_with(&json!({"client_secret": "wrong-wrong-wrong"}));
    let report = assert_fails(&app, &wrong_secret, "token", "invalid_client").await;
    skipped_after(&report, "token");
    let wrong_client = app.form_with(&json!({"client_id": "nobody"}));
    assert_fails(&app, &wrong_client, "token", "invalid_client").await;

    let unknown = app.form_with(&json!({"api_audience": "https://other.eu.auth0.com/api/v2/"}));
    let report = assert_fails(&app, &unknown, "audience", "unknown_audience").await;
    skipped_after(&report, "audience");
    let custom = app.form_with(&json!({"api_audience": "https://login.acme.example/api/v2/"}));
    assert_fails(&app, &custom, "audience", "custom_domain_audience").await;

    app.tenant().edit(|file| file.older_messages = true);
    assert_fails(&app, &unknown, "audience", "unknown_audience").await;
    app.tenant().edit(|file| file.applications[0].scopes = None);
    assert_fails(&app, &app.form(), "audience", "client_not_authorized").await;
    app.tenant().edit(|file| file.older_messages = false);
    assert_fails(&app, &app.form(), "audience", "client_not_authorized").await;
    app.tenant().edit(|file| file.applications[0].grant_types = vec!["implicit".into()]);
    assert_fails(&app, &app.form(), "token", "grant_not_allowed").await;
}

#[support::test]
async fn a_missing_scope_is_named_and_its_readings_are_not_called(app: App) {
    app.tenant().edit(|file| {
        file.applications[0].scopes =
            Some(["read:attack_protection", "update:users", "read:users"].map(String::from).into());
    });
    let report = assert_fails(&app, &app.form(), "scopes", "missing_scope").await;
    assert_eq!(report["scopes"]["missing_required"], json!(["read:mfa_policies", "read:stats"]));
    assert_eq!(report["scopes"]["unneeded"], json!(["read:users", "update:users"]));
    let probe = |kind: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|s| s["reading"] == kind).unwrap().clone()
    };
    assert_eq!(probe("mfa_policies")["code"], "missing_scope");
    assert_eq!(probe("daily_stats")["code"], "missing_scope");
    assert_eq!(probe("brute_force_protection")["code"], "ok");
    assert_eq!(app.tenant().count("GET", "/api/v2/guardian"), 0);
    assert_eq!(app.tenant().count("GET", "/api/v2/stats"), 0);
    let missing: Vec<_> = report["coverage"]["not_runnable"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["check_id"] == "mfa-never-required")
        .collect();
    assert_eq!(missing[0]["scopes"], json!(["read:mfa_policies"]));
}

#[support::test]
async fn each_network_failure_has_its_code(pool: PgPool) {
    let app = App::builder(pool)
        .tenant("fresh")
        .extra_origin("http://127.0.0.1:9")
        .extra_origin("https://no-such-host.invalid")
        .start()
        .await;
    let at = |address: &str| app.form_with(&json!({"api_identifier": address}));
    assert_fails(&app, &at("https://no-such-host.invalid"), "reachability", "dns_failure").await;
    let refused = at("http://127.0.0.1:9");
    let report = assert_fails(&app, &refused, "reachability", "connection_refused").await;
    skipped_after(&report, "reachability");
    assert_fails(&app, &at("https://acme.example"), "configuration", "host_not_allowed").await;
    assert_eq!(app.tenant().requests().len(), 0);
}

async fn over_tls(builder: AppBuilder, tls: Tls, trusted: Option<String>) -> App {
    builder.tenant("fresh").tls(tls, trusted).start().await
}

#[support::test]
async fn a_trusted_certificate_connects(pool: PgPool) {
    let ca = CertificateAuthority::new();
    let app = over_tls(App::builder(pool), Tls::Ca(ca.clone()), Some(ca.pem())).await;
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "connected", "{report:#}");
}

#[support::test]
async fn an_expired_certificate_is_a_tls_failure_that_says_so(pool: PgPool) {
    let ca = CertificateAuthority::new();
    let app = over_tls(App::builder(pool), Tls::Expired(ca.clone()), Some(ca.pem())).await;
    let report = assert_fails(&app, &app.form(), "reachability", "tls_failure").await;
    assert!(report.to_string().contains("expired"), "{report:#}");
}

#[support::test]
async fn an_unknown_issuer_and_a_wrong_name_are_tls_failures(pool: PgPool) {
    let ca = CertificateAuthority::new();
    let app = over_tls(App::builder(pool.clone()), Tls::Ca(ca.clone()), None).await;
    assert_fails(&app, &app.form(), "reachability", "tls_failure").await;
    let app = over_tls(App::builder(pool), Tls::WrongName(ca.clone()), Some(ca.pem())).await;
    assert_fails(&app, &app.form(), "reachability", "tls_failure").await;
}

#[support::test]
async fn a_silent_tenant_times_out(pool: PgPool) {
    let limits = auth0::Limits {
        request_timeout: std::time::Duration::from_millis(200),
        ..auth0::Limits::default()
    };
    let app = App::builder(pool).tenant("fresh").client_limits(limits).start().await;
    app.tenant().fault(Fault::on_token_endpoint(Effect::Hang));
    assert_fails(&app, &app.form(), "token", "timeout").await;
}

#[support::test]
async fn something_else_than_a_tenant_is_not_auth0(app: App) {
    let html = Effect::Status {
        code: 200,
        headers: std::collections::BTreeMap::default(),
        body: "<html>hello</html>".into(),
        content_type: "text/html".into(),
    };
    for effect in [html, Effect::NotFound, Effect::Redirect { to: "https://evil.example/".into() }]
    {
        app.tenant().clear_faults();
        app.tenant().fault(Fault::on_token_endpoint(effect));
        assert_fails(&app, &app.form(), "token", "not_auth0").await;
    }
}

#[support::test]
async fn rate_limits_and_outages_are_distinguished(app: App) {
    let tenant = app.tenant();
    for (effect, code) in [
        (Effect::Html502, "auth0_unavailable"),
        (Effect::ServerError(503), "auth0_unavailable"),
        (
            Effect::TooManyRequests { retry_after: Some(1), with_ratelimit_headers: true },
            "rate_limited",
        ),
        (Effect::ClientQuotaExceeded { retry_after: 60 }, "rate_limited"),
        (Effect::MalformedJson, "not_auth0"),
    ] {
        tenant.clear_faults();
        tenant.fault(Fault::on_token_endpoint(effect));
        assert_fails(&app, &app.form(), "token", code).await;
    }
}

#[support::test]
async fn a_plan_without_bot_detection_connects_and_shows_it(pool: PgPool) {
    let app = App::builder(pool).tenant("free-plan").start().await;
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "connected", "{report:#}");
    let steps = report["steps"].as_array().unwrap();
    for kind in ["bot_detection", "captcha", "supplemental_signals", "phone_provider_protection"] {
        let step = steps.iter().find(|s| s["reading"] == kind).unwrap();
        assert_members!(step, {"status": "failed", "code": "plan_unavailable"});
    }
    let not_runnable = report["coverage"]["not_runnable"].as_array().unwrap();
    let off = not_runnable.iter().find(|c| c["check_id"] == "bot-detection-off").unwrap();
    assert_members!(off, {"reason": "plan_unavailable", "scopes": []});
    assert!(report["coverage"]["percent"].as_u64().unwrap() < 100);
}

#[support::test]
async fn normalised_addresses_are_reported_on_the_configuration_step(app: App) {
    let form = app.form_with(&json!({"api_identifier": app.tenant().origin()}));
    let report = app.post("/v1/connection-tests", &form).await.expect(200).json;
    let step = &report["steps"][0];
    assert_members!(step, {"name": "configuration", "status": "passed"});
    assert!(step["hint"].as_str().unwrap().contains("/api/v2/"), "{step}");
}

#[support::test]
async fn only_a_test_of_what_is_saved_is_recorded(Saved { app, id }: Saved) {
    let path = format!("/v1/integrations/{id}/connection-tests");
    let secret = app.form()["client_secret"].clone();
    for (body, recorded) in [
        (json!({}), true),
        (json!({"client_secret": ""}), true),
        (json!({"api_identifier": app.tenant().origin()}), true),
        (json!({"client_secret": secret}), false),
        (json!({"name": "Other"}), false),
    ] {
        let before = history_of(&app, &id).await.len();
        let test = app.post(&path, &body).await.expect(200).json;
        assert_eq!(test["recorded"], recorded, "{body}");
        let rows = history_of(&app, &id).await;
        assert_eq!(rows.len() - before, usize::from(recorded), "{body}");
        if recorded {
            assert_eq!(test["history_entry_id"], rows[0]["id"]);
            assert_eq!(rows[0]["action"], "test_connection");
        } else {
            assert_eq!(test["reason"], "changed_fields");
        }
    }
    let empty = app.call(Method::POST, &path, &[], None).await.expect(200);
    assert_eq!(empty.json["recorded"], true);
}

async fn history_of(app: &App, id: &str) -> Vec<Value> {
    let list = app.get(&format!("/v1/integrations/{id}/history")).await.expect(200).json;
    list["items"].as_array().unwrap().clone()
}

#[support::test]
async fn a_custom_domain_identifier_works_with_the_canonical_audience(pool: PgPool) {
    let mut file = TenantFile::bundled("fresh").unwrap();
    file.audience = Some("https://acme.eu.auth0.com/api/v2/".into());
    let app = App::builder(pool).tenant_file(file).start().await;
    let saved = app.post("/v1/integrations", &app.form()).await.expect(201).json;
    assert_eq!(saved["name"], "acme.eu.auth0.com");
    assert_eq!(saved["asset_name"], "acme.eu.auth0.com");
}
