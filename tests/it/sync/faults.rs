//! A reading that fails leaves its checks unknown, with a reason; no finding opens or resolves.

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::App;

const BFP: &str = "/api/v2/attack-protection/brute-force-protection";

fn reading<'a>(sync: &'a Value, kind: &str) -> &'a Value {
    let readings = sync["readings"].as_array().expect("readings");
    readings.iter().find(|r| r["reading"] == kind).expect("a report for each kind")
}

async fn asset(app: &App) -> Value {
    app.get("/v1/assets").await.expect(200).json["items"][0].clone()
}

/// A tenant whose brute-force protection is off, synced once; then the fault; then synced again.
async fn synced_under(pool: PgPool, effect: Effect) -> (App, Value) {
    let limits = auth0::Limits {
        request_timeout: std::time::Duration::from_millis(300),
        ..auth0::Limits::default()
    };
    // Waits on the manual clock are shorter than a lease, which nobody renews meanwhile.
    let sync_deadline = std::time::Duration::from_secs(45);
    let engine = engine::Limits {
        sync_deadline,
        schedule_spread: std::time::Duration::ZERO,
        ..engine::Limits::default()
    };
    let builder = App::builder(pool).tenant("fresh").client_limits(limits).limits(engine);
    let app = builder.start().await;
    let off = json!({"enabled": false, "shields": [], "mode": "count_per_identifier",
        "allowlist": [], "max_attempts": 10});
    app.tenant().set("attack-protection/brute-force-protection", off);
    let id = app.create().await;
    app.sync(&id).await;
    let open = app.findings("check_id=brute-force-protection-off").await;
    assert_eq!(open.len(), 1);
    let on = json!({"enabled": true, "shields": ["block", "user_notification"],
        "mode": "count_per_identifier", "allowlist": [], "max_attempts": 10});
    app.tenant().set("attack-protection/brute-force-protection", on);
    app.tenant().fault(Fault::on_get(BFP, effect));
    let sync = app.sync(&id).await;
    (app, sync)
}

async fn assert_unknown(pool: PgPool, effect: Effect, reason: &str) {
    let (app, sync) = synced_under(pool, effect).await;
    assert_eq!(sync["state"], "succeeded", "{sync:#}");
    let report = reading(&sync, "brute_force_protection");
    assert_eq!((&report["outcome"], &report["reason"]), (&json!("unreadable"), &json!(reason)));
    assert!(report["message"].as_str().is_some_and(|m| !m.is_empty()));
    assert!(sync["coverage_percent"].as_u64().unwrap() < 100);

    let finding = &app.findings("check_id=brute-force-protection-off").await[0];
    assert_eq!((&finding["state"], &finding["result"]), (&json!("open"), &json!("unknown")));
    let asset = asset(&app).await;
    let unknown = asset["unknown_checks"].as_array().unwrap();
    let off = unknown.iter().find(|u| u["check_id"] == "brute-force-protection-off").unwrap();
    assert_eq!(off["reason"], reason);
    assert!(off["since"].is_string());

    app.tenant().clear_faults();
    let id = sync["integration_id"].as_str().unwrap();
    app.sync(id).await;
    let resolved = &app.findings("check_id=brute-force-protection-off").await[0];
    assert_eq!((&resolved["state"], &resolved["id"]), (&json!("resolved"), &finding["id"]));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn server_errors(pool: PgPool) {
    assert_unknown(pool, Effect::ServerError(503), "api_error").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_html_502(pool: PgPool) {
    assert_unknown(pool, Effect::Html502, "api_error").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_drop_in_the_middle_of_the_body(pool: PgPool) {
    assert_unknown(pool, Effect::DropMidBody, "api_error").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn malformed_json(pool: PgPool) {
    assert_unknown(pool, Effect::MalformedJson, "not_understood").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn another_type(pool: PgPool) {
    assert_unknown(pool, Effect::WrongType, "not_understood").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_body_without_end(pool: PgPool) {
    assert_unknown(pool, Effect::HugeBody { bytes: 100_000_000 }, "not_understood").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_redirect(pool: PgPool) {
    let to = "http://169.254.169.254/latest/meta-data/".to_owned();
    assert_unknown(pool, Effect::Redirect { to }, "not_understood").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn no_answer(pool: PgPool) {
    assert_unknown(pool, Effect::Hang, "timed_out").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_slow_drip(pool: PgPool) {
    let effect = Effect::Drip { chunk_every: std::time::Duration::from_millis(250) };
    assert_unknown(pool, effect, "timed_out").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn not_in_the_plan(pool: PgPool) {
    assert_unknown(pool, Effect::InsufficientEntitlement, "plan_unavailable").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_scope_that_was_taken_away(pool: PgPool) {
    let effect = Effect::InsufficientScope("read:attack_protection".into());
    assert_unknown(pool, effect, "missing_scope").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_resource_that_is_not_there(pool: PgPool) {
    assert_unknown(pool, Effect::NotFound, "not_supported").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_limit_that_never_ends(pool: PgPool) {
    let effect = Effect::TooManyRequests { retry_after: Some(2), with_ratelimit_headers: true };
    assert_unknown(pool, effect, "rate_limited").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn transient_faults_are_retried_and_only_counted(pool: PgPool) {
    for (i, effect) in [
        Effect::ServerError(500),
        Effect::DropMidBody,
        Effect::CloseBeforeResponse,
        Effect::TooManyRequests { retry_after: Some(1), with_ratelimit_headers: false },
    ]
    .into_iter()
    .enumerate()
    {
        let app = App::builder(pool.clone()).tenant("hardened").start().await;
        let form = app.form_with(&json!({"asset_name": format!("asset {i}")}));
        let id = app.create_from(&form).await;
        app.tenant().fault(Fault::on_get(BFP, effect.clone()).times(1));
        let sync = app.sync(&id).await;
        let report = reading(&sync, "brute_force_protection");
        assert_eq!(
            (&report["outcome"], &report["attempts"]),
            (&json!("read"), &json!(2)),
            "{effect:?}"
        );
        assert_eq!(sync["coverage_percent"], 100);
        let limited = u64::from(matches!(effect, Effect::TooManyRequests { .. }));
        assert_eq!(sync["rate_limited"], limited);
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_token_that_expires_in_the_middle_is_renewed_once(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let id = app.create().await;
    app.tenant().clear_requests();
    app.tenant().fault(Fault::on_management_api(Effect::ExpireToken).skip(4).times(1));
    let sync = app.sync(&id).await;
    assert_eq!((&sync["state"], &sync["coverage_percent"]), (&json!("succeeded"), &json!(100)));
    assert_eq!(app.tenant().count("POST", "/oauth/token"), 1);
    assert_eq!(sync["calls"], app.tenant().requests().len());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_outage_never_raises_the_score_and_leaves_no_trace_once_it_is_over(pool: PgPool) {
    const MFA: &str = "check_id=mfa-never-required";
    let app = App::builder(pool).tenant("fresh").start().await;
    let off = json!({"enabled": false, "shields": [], "mode": "count_per_identifier",
        "allowlist": [], "max_attempts": 10});
    app.tenant().set("attack-protection/brute-force-protection", off);
    let id = app.create().await;
    app.sync(&id).await;
    let acceptance = json!({"reason": "false_positive", "rationale": "An Action asks for it."});
    let path =
        format!("/v1/findings/{}/acceptance", app.findings(MFA).await[0]["id"].as_str().unwrap());
    app.call(http::Method::PUT, &path, &[], Some(&acceptance)).await.expect(200);
    let before = asset(&app).await;
    let score = before["score"].as_u64().unwrap();
    // First what fails worst, then what is accepted too.
    for path in [BFP, "/api/v2/guardian/policies"] {
        app.tenant().fault(Fault::on_get(path, Effect::NotFound));
        let sync = app.sync(&id).await;
        assert_eq!(
            (&sync["state"], &sync["findings"]["resolved"]),
            (&json!("succeeded"), &json!(0))
        );
        let during = asset(&app).await;
        assert!(during["score"].as_u64().unwrap() <= score, "{path}");
        assert_eq!(during["findings"], before["findings"]);
        let history = format!("/v1/assets/{}/score-history", during["id"].as_str().unwrap());
        let newest = app.get(&history).await.expect(200).json["items"][0]["score"].clone();
        assert_eq!(newest, during["score"]);
    }
    app.tenant().clear_faults();
    let sync = app.sync(&id).await;
    let [opened, reopened] = ["opened", "reopened"].map(|how| sync["findings"][how].clone());
    assert_eq!((opened, reopened), (json!(0), json!(0)));
    assert_eq!(asset(&app).await["score"], before["score"]);
}
