//! A reading that fails leaves its checks unknown, with a reason; no finding opens or resolves.

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::{App, assert_members, item};

const BFP: &str = "/api/v2/attack-protection/brute-force-protection";

async fn asset(app: &App) -> Value {
    app.get("/v1/assets").await.expect(200).json["items"][0].clone()
}

const OFF: &str = "check_id=brute-force-protection-off";

/// Brute-force protection, on or off.
fn protection(is_on: bool) -> Value {
    let shields = if is_on { json!(["block", "user_notification"]) } else { json!([]) };
    json!({"enabled": is_on, "shields": shields, "mode": "count_per_identifier", "allowlist": [],
        "max_attempts": 10})
}

/// While the reading fails the finding stays open, although the tenant was fixed meanwhile.
#[support::test]
async fn a_reading_that_fails_leaves_its_checks_unknown_until_it_is_read(pool: PgPool) {
    let request_timeout = std::time::Duration::from_millis(300);
    // Waits on the manual clock are shorter than a lease, which nobody renews meanwhile.
    let engine = engine::Limits {
        sync_deadline: std::time::Duration::from_secs(45),
        schedule_spread: std::time::Duration::ZERO,
        ..engine::Limits::default()
    };
    let client = auth0::Limits { request_timeout, ..auth0::Limits::default() };
    let builder = App::builder(pool).tenant("fresh").client_limits(client).limits(engine);
    let app = builder.start().await;
    let id = app.create().await;
    let redirect = Effect::Redirect { to: "http://169.254.169.254/latest/meta-data/".to_owned() };
    let scope = Effect::InsufficientScope("read:attack_protection".into());
    let limit = Effect::TooManyRequests { retry_after: Some(2), with_ratelimit_headers: true };
    let chunk_every = std::time::Duration::from_millis(250);
    for (effect, reason) in [
        (Effect::ServerError(503), "api_error"),
        (Effect::Html502, "api_error"),
        (Effect::DropMidBody, "api_error"),
        (Effect::MalformedJson, "not_understood"),
        (Effect::WrongType, "not_understood"),
        (Effect::HugeBody { bytes: 100_000_000 }, "not_understood"),
        (redirect, "not_understood"),
        (Effect::Hang, "timed_out"),
        (Effect::Drip { chunk_every }, "timed_out"),
        (Effect::InsufficientEntitlement, "plan_unavailable"),
        (scope, "missing_scope"),
        (Effect::NotFound, "not_supported"),
        (limit, "rate_limited"),
    ] {
        app.tenant().set("attack-protection/brute-force-protection", protection(false));
        app.sync(&id).await;
        assert_members!(app.findings(OFF).await[0], {"state": "open", "result": "fail"}, "{effect:?}");
        app.tenant().set("attack-protection/brute-force-protection", protection(true));
        app.tenant().fault(Fault::on_get(BFP, effect.clone()));
        let sync = app.sync(&id).await;
        assert_eq!(sync["state"], "succeeded", "{effect:?}: {sync:#}");
        let report = item(&sync["readings"], "reading", "brute_force_protection");
        assert_members!(report, {"outcome": "unreadable", "reason": reason}, "{effect:?}");
        assert!(report["message"].as_str().is_some_and(|m| !m.is_empty()), "{effect:?}");
        assert!(sync["coverage_percent"].as_u64().unwrap() < 100, "{effect:?}");
        let finding = &app.findings(OFF).await[0];
        assert_members!(finding, {"state": "open", "result": "unknown"}, "{effect:?}");
        let asset = asset(&app).await;
        let unknown = item(&asset["unknown_checks"], "check_id", "brute-force-protection-off");
        assert_eq!(unknown["reason"], reason, "{effect:?}");
        assert!(unknown["since"].is_string(), "{effect:?}");

        app.tenant().clear_faults();
        app.sync(&id).await;
        let resolved = &app.findings(OFF).await[0];
        assert_members!(resolved, {"state": "resolved", "id": finding["id"]}, "{effect:?}");
    }
}

#[support::test]
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
        let report = item(&sync["readings"], "reading", "brute_force_protection");
        assert_members!(report, {"outcome": "read", "attempts": 2}, "{effect:?}");
        assert_eq!(sync["coverage_percent"], 100);
        let limited = u64::from(matches!(effect, Effect::TooManyRequests { .. }));
        assert_eq!(sync["rate_limited"], limited);
    }
}

#[support::test]
async fn a_token_that_expires_in_the_middle_is_renewed_once(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let id = app.create().await;
    app.tenant().clear_requests();
    app.tenant().fault(Fault::on_management_api(Effect::ExpireToken).skip(4).times(1));
    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "succeeded", "coverage_percent": 100});
    assert_eq!(app.tenant().count("POST", "/oauth/token"), 1);
    assert_eq!(sync["calls"], app.tenant().requests().len());
}

#[support::test]
async fn an_outage_never_raises_the_score_and_leaves_no_trace_once_it_is_over(pool: PgPool) {
    const MFA: &str = "check_id=mfa-never-required";
    let app = App::builder(pool).tenant("fresh").start().await;
    app.tenant().set("attack-protection/brute-force-protection", protection(false));
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
