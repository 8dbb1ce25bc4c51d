//! Save uses a test of the same credentials that passed a moment before.

use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use support::App;

#[support::test]
async fn save_reads_the_tenant_only_if_no_test_of_the_same_values_just_passed(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").start().await;
    let calls_of_save = async |form: &serde_json::Value| {
        app.tenant().clear_requests();
        let id = app.create_from(form).await;
        let calls = app.tenant().requests().len();
        let row = app.history(&id).await.pop().unwrap();
        assert_eq!(row["details"]["connection_test"]["outcome"], "connected", "{row:#}");
        assert_eq!(row["details"]["connection_test"]["calls"], calls, "{row:#}");
        app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
        calls
    };
    let form = app.form();
    app.post("/v1/connection-tests", &form).await.expect(200);
    assert_eq!(calls_of_save(&form).await, 0, "tested just before");
    assert!(calls_of_save(&form).await > 0, "deleted since");
    app.post("/v1/connection-tests", &form).await.expect(200);
    app.clock.advance(Duration::from_secs(61));
    assert!(calls_of_save(&form).await > 0, "tested long before");

    app.post("/v1/connection-tests", &form).await.expect(200);
    app.tenant().edit(|file| file.applications[0].client_secret = "changed-since".into());
    let failed = app.post("/v1/connection-tests", &form).await.expect(200);
    assert_eq!(failed.json["outcome"], "failed");
    app.post("/v1/integrations", &form).await.expect_problem(422, "connection_test_failed");
    let other = app.form_with(&json!({"client_secret": "changed-since"}));
    assert!(calls_of_save(&other).await > 0, "another secret was tested");
}
