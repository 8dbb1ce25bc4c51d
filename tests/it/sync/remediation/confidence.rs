//! The confidence of a finding can depend on the tenant.

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use support::{Synced, assert_members};

use super::{Row, Workshop};

/// The finding that MFA is never required, by what the settings say of Actions (null: nothing), and the Actions
/// that there are.
async fn found(workshop: &Workshop, by_action: Value, actions: Value) -> Value {
    workshop.trip(&Row::new(
        &json!({"trips": "mfa-never-required", "set": [["mfa_policies", "", []],
        ["tenants_settings", "/customize_mfa_in_postlogin_action", by_action],
        ["actions_actions", "", actions]]}),
    ));
    workshop.app.sync(&workshop.id).await;
    let finding = workshop.open_findings().await.remove("mfa-never-required").unwrap();
    assert_eq!(finding["result"], "fail");
    finding
}

/// The same without any Action: how sure it is.
async fn confidence(workshop: &Workshop, by_action: Value) -> Value {
    found(workshop, by_action, json!([])).await["confidence"].clone()
}

#[support::test]
async fn confidence_that_mfa_is_never_required_follows_the_settings_that_can_be_read(
    workshop: Workshop,
) {
    assert_eq!(confidence(&workshop, json!(true)).await, "low");
    assert_eq!(confidence(&workshop, json!(false)).await, "high");
    // Left out it is off.
    assert_eq!(confidence(&workshop, json!(null)).await, "high");
    let settings = "/api/v2/tenants/settings";
    workshop.app.tenant().fault(Fault::on_get(settings, Effect::NotFound));
    assert_eq!(confidence(&workshop, json!(true)).await, "medium");
}

#[support::test]
async fn an_action_that_runs_after_login_makes_findings_on_mfa_less_sure_and_is_named(
    workshop: Workshop,
) {
    let action = json!([{"id": "act_1", "name": "Ask for MFA", "runtime": "node22",
        "status": "built", "all_changes_deployed": true,
        "supported_triggers": [{"id": "post-login", "version": "v3"}]}]);
    let finding = found(&workshop, json!(false), action.clone()).await;
    assert_eq!(finding["confidence"], "medium");
    let shown = json!({"reading": "actions_actions", "pointer": "", "found": ["Ask for MFA"],
        "expected": null, "may_compensate": true});
    assert_eq!(finding["evidence"][1], shown);
    assert_eq!(found(&workshop, json!(null), action).await["confidence"], "medium");
}

#[support::test]
async fn confidence_that_mfa_is_never_required_is_medium_without_the_scope(
    Synced { app, .. }: Synced,
) {
    let finding = app.findings("check_id=mfa-never-required").await.remove(0);
    assert_members!(finding, {"confidence": "medium", "result": "fail"});
    let check = app.get("/v1/checks/mfa-never-required").await.expect(200).json;
    assert_eq!(check["confidence"], "medium");
}
