//! Refusals of Auth0 other than for the token: each has its reason and hint, and no finding.

use serde_json::Value;
use simulator::{Effect, Fault, Refusal};
use sqlx::PgPool;
use support::{App, assert_members, item, readable};

async fn start(pool: PgPool) -> App {
    App::builder(pool).tenant_file(readable("hardened")).start().await
}

fn unknown(sync: &Value) -> u64 {
    sync["checks"]["unknown"].as_u64().unwrap()
}

#[support::test]
async fn each_refusal_has_its_reason_and_advice_that_fits(pool: PgPool) {
    let app = start(pool).await;
    let id = app.create().await;
    let unknown_before = unknown(&app.sync(&id).await);
    let findings = app.findings("").await;
    let scope = Effect::InsufficientScope("read:custom_domains".into());
    let refused = Effect::Refused;
    for (effect, reason, message, hint) in [
        (
            refused(Refusal::NotEntitled),
            "plan_unavailable",
            "not entitled",
            "plan does not include",
        ),
        (Effect::InsufficientEntitlement, "plan_unavailable", "upgrade", "plan does not include"),
        (refused(Refusal::FeatureNotEnabled), "plan_unavailable", "not enabled", "plan does not"),
        (refused(Refusal::CreditCard), "plan_unavailable", "verified credit card", "account"),
        (refused(Refusal::AccountNotAllowed), "plan_unavailable", "contact our support", "account"),
        (scope, "missing_scope", "read:custom_domains", "select read:custom_domains"),
        (Effect::NotFound, "not_supported", "404", "API Identifier"),
    ] {
        app.tenant().clear_faults();
        app.tenant().fault(Fault::on_get("/api/v2/custom-domains", effect.clone()));
        let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
        assert_eq!(report["outcome"], "connected", "{effect:?}");
        let step = item(&report["steps"], "reading", "custom_domains");
        assert!(step["message"].as_str().unwrap().contains(message), "{step}");
        let told = step["hint"].as_str().unwrap();
        assert!(told.contains(hint) && !told.contains("Access Control List"), "{step}");
        let sync = app.sync(&id).await;
        let reading = item(&sync["readings"], "reading", "custom_domains");
        // Only a scope can have been granted since the token was given.
        let attempts = if reason == "missing_scope" { 2 } else { 1 };
        assert_members!(reading, {"reason": reason, "attempts": attempts});
        assert!(unknown(&sync) > unknown_before, "{effect:?}");
        assert_eq!(app.findings("state=open").await.len(), findings.len(), "{effect:?}");
    }
}

#[support::test]
async fn checks_of_a_retired_feature_do_not_apply(pool: PgPool) {
    let app = start(pool).await;
    let id = app.create().await;
    let before = app.sync(&id).await;
    let retired = Effect::Refused(Refusal::DeprecatedFeature);
    for path in ["/api/v2/rules", "/api/v2/hooks"] {
        app.tenant().fault(Fault::on_get(path, retired.clone()));
    }
    let sync = app.sync(&id).await;
    for reading in ["rules", "hooks"] {
        let report = item(&sync["readings"], "reading", reading);
        assert_eq!(report["outcome"], "not_offered");
        assert!(report["message"].as_str().unwrap().contains("retired"), "{report}");
    }
    assert_eq!(unknown(&sync), unknown(&before));
    assert_eq!(sync["coverage_percent"], before["coverage_percent"]);
    assert_eq!(app.findings("check_id=legacy-rules-or-hooks").await, Vec::<Value>::new());
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "connected");
    let check = item(&report["coverage"]["not_runnable"], "check_id", "legacy-rules-or-hooks");
    assert_members!(check, {"reason": "feature_not_offered", "scopes": []});
}

#[support::test]
async fn an_unreadable_mfa_policy_is_not_treated_as_never(pool: PgPool) {
    let app = start(pool).await;
    let id = app.create().await;
    let policies = "/api/v2/guardian/policies";
    let scope = Effect::InsufficientScope("read:mfa_policies".into());
    for (effect, reason) in [
        (Effect::InsufficientEntitlement, "plan_unavailable"),
        (Effect::Refused(Refusal::NotEntitled), "plan_unavailable"),
        (scope, "missing_scope"),
    ] {
        app.tenant().clear_faults();
        app.tenant().fault(Fault::on_get(policies, effect));
        let sync = app.sync(&id).await;
        assert_eq!(sync["state"], "succeeded");
        let report = item(&sync["readings"], "reading", "mfa_policies");
        assert_eq!(report["reason"], reason);
        assert_eq!(item(&sync["readings"], "reading", "guardian_factors")["outcome"], "read");
        assert_eq!(app.findings("check_id=mfa-never-required").await, Vec::<Value>::new());
        if reason == "missing_scope" {
            assert!(report["message"].as_str().unwrap().contains("read:mfa_policies"), "{report}");
        }
    }
}

#[support::test]
async fn a_token_for_another_api_fails_the_audience_step(pool: PgPool) {
    let app = start(pool).await;
    app.tenant().fault(Fault::on_management_api(Effect::Refused(Refusal::NotAJwt)));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_eq!(report["outcome"], "failed");
    let step = item(&report["steps"], "name", "audience");
    assert_members!(step, {"status": "failed", "code": "unknown_audience"});
    let message = step["message"].as_str().unwrap();
    assert!(message.contains("not a Management API token (audience)"), "{step}");
    assert!(step["hint"].as_str().unwrap().contains("API Audience"), "{step}");
}
