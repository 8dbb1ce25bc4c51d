//! One-line summaries of a connection test in responses, history and audit, and its times.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Effect, Fault};
use sqlx::PgPool;
use support::{App, Saved, assert_members};

async fn newest_row(app: &App, id: &str) -> Value {
    let list = app.get(&format!("/v1/integrations/{id}/history?limit=1")).await.expect(200);
    list.json["items"][0].clone()
}

/// An add-on that is not in the plan, and a policy that the token may not read: only the latter decides.
fn refuse_a_reading_that_decides_behind_one_that_does_not(app: &App) {
    let tenant = app.tenant();
    let add_on = "/api/v2/attack-protection/supplemental-signals";
    tenant.fault(Fault::on_get(add_on, Effect::InsufficientEntitlement));
    let refusal = Effect::InsufficientScope("read:mfa_policies".into());
    tenant.fault(Fault::on_get("/api/v2/guardian/policies", refusal));
}

#[support::test]
async fn every_summary_names_the_deciding_failure_of_a_test(Saved { app, id }: Saved) {
    refuse_a_reading_that_decides_behind_one_that_does_not(&app);
    let path = format!("/v1/integrations/{id}");

    let tested = app.post(&format!("{path}/connection-tests"), &json!({})).await.expect(200).json;
    assert_eq!(tested["outcome"], "failed");
    let steps = tested["steps"].as_array().unwrap();
    let failed: Vec<_> = steps.iter().filter(|step| step["status"] == "failed").collect();
    let place = |reading: &str| failed.iter().position(|step| step["reading"] == reading).unwrap();
    assert!(place("supplemental_signals") < place("mfa_policies"), "the first does not decide");
    let deciding = failed[place("mfa_policies")];
    assert_eq!(deciding["code"], "missing_scope");
    assert!(deciding["message"].as_str().unwrap().contains("read:mfa_policies"), "{deciding}");

    let row = newest_row(&app, &id).await;
    assert_members!(row, {"error": deciding["code"], "message": deciding["message"]});
    let secret = app.form()["client_secret"].clone();
    let update = app.patch(&path, "*", &json!({"client_secret": secret})).await;
    let save = app.post("/v1/integrations", &app.form()).await;
    for refused in [update, save] {
        let problem = refused.expect_problem(422, "connection_test_failed").json;
        assert_eq!(problem["detail"], deciding["message"]);
    }
    let rows = app.get("/v1/audit?action=create_integration,update_integration,test_integration");
    let rows = rows.await.expect(200).json;
    for row in &rows["items"].as_array().unwrap()[..3] {
        assert_eq!(row["details"]["connection_test"], "missing_scope", "{row:#}");
    }
}

#[support::test]
async fn the_line_of_a_reading_that_failed_names_the_reading(app: App) {
    let refusal = Fault::on_get("/api/v2/guardian/policies", Effect::ServerError(500));
    app.tenant().fault(refusal);
    let save = app.post("/v1/integrations", &app.form()).await;
    let detail = save.expect_problem(422, "connection_test_failed").json["detail"].clone();
    assert!(detail.as_str().unwrap().starts_with("mfa_policies: Auth0 answered 500"), "{detail}");
}

#[support::test]
async fn a_connected_test_does_not_report_irrelevant_failures(pool: PgPool) {
    let app = App::builder(pool).tenant("free-plan").start().await;
    let id = app.create().await;
    app.post(&format!("/v1/integrations/{id}/connection-tests"), &json!({})).await.expect(200);
    let row = newest_row(&app, &id).await;
    assert_members!(row, {"status": "success", "error": null});
    assert_eq!(row["message"], "The tenant accepts the connection.");
}

#[support::test]
async fn a_row_begins_when_the_action_began_and_completes_when_it_ended(app: App) {
    // The first answer of each is a fault that is waited out, which moves the clock.
    let slow_down = || {
        app.clock.advance(Duration::from_secs(60));
        let outage = Fault::on_get("/api/v2/stats/daily", Effect::ServerError(503)).times(1);
        app.tenant().fault(outage);
        app.now().to_string()
    };
    let began = slow_down();
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}");
    let created = newest_row(&app, &id).await;
    let mut rows = vec![(began, created)];

    let began = slow_down();
    app.post(&format!("{path}/connection-tests"), &json!({})).await.expect(200);
    rows.push((began, newest_row(&app, &id).await));

    let began = slow_down();
    let secret = app.form()["client_secret"].clone();
    app.patch(&path, "*", &json!({"client_secret": secret})).await.expect(200);
    rows.push((began, newest_row(&app, &id).await));

    let began = slow_down();
    app.sync(&id).await;
    rows.push((began, newest_row(&app, &id).await));

    for (began, row) in rows {
        let completed: jiff::Timestamp =
            row["last_completed_at"].as_str().unwrap().parse().unwrap();
        let began: jiff::Timestamp = began.parse().unwrap();
        assert_eq!(row["started_at"], json!(domain::clock::rfc3339(began)), "{row:#}");
        assert!(completed > began, "{row:#}");
    }
}
