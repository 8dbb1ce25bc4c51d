//! How sure a finding is may depend on the tenant.

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::App;

use super::{Workshop, row};

/// The finding that MFA is never required, by what the settings say of Actions; null: nothing.
async fn confidence(workshop: &Workshop, by_action: Value) -> Value {
    let switch = ("tenants/settings", "/customize_mfa_in_postlogin_action", by_action);
    workshop.trip(&row("mfa-never-required", [("guardian/policies", "", json!([])), switch]));
    workshop.app.sync(&workshop.id).await;
    let finding = workshop.open_findings().await.remove("mfa-never-required").unwrap();
    assert_eq!(finding["result"], "fail");
    finding["confidence"].clone()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn confidence_that_mfa_is_never_required_follows_the_settings_that_can_be_read(pool: PgPool) {
    let workshop = Workshop::open(pool).await;
    assert_eq!(confidence(&workshop, json!(true)).await, "low");
    assert_eq!(confidence(&workshop, json!(false)).await, "high");
    assert_eq!(confidence(&workshop, json!(null)).await, "medium");
    let settings = "/api/v2/tenants/settings";
    workshop.app.tenant().fault(Fault::on_get(settings, Effect::NotFound));
    assert_eq!(confidence(&workshop, json!(true)).await, "medium");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn confidence_that_mfa_is_never_required_is_medium_without_the_scope(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.sync(&id).await;
    let finding = app.findings("check_id=mfa-never-required").await.remove(0);
    assert_eq!((&finding["confidence"], &finding["result"]), (&json!("medium"), &json!("fail")));
    let check = app.get("/v1/checks/mfa-never-required").await.expect(200).json;
    assert_eq!(check["confidence"], "medium");
}
