//! Audit details of connections: old and new values, and the host that was called.

use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, assert_members};

async fn newest(app: &App, action: &str) -> Value {
    let list = app.get(&format!("/v1/audit?limit=1&action={action}")).await.expect(200);
    list.json["items"][0].clone()
}

#[support::test]
async fn creation_changes_and_tests_carry_old_and_new_of_every_connection_field(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("fresh").start().await;
    let audience = app.tenant().audience();
    app.tenant_at(1).edit(|file| {
        file.audience = Some(audience);
        file.applications[0].client_id = "another".into();
        file.applications[0].client_secret = "its-own-secret".into();
    });
    let (first, second) = (app.tenant().api_identifier(), app.tenant_at(1).api_identifier());
    let audience = app.tenant().audience();
    let client_id = app.form()["client_id"].clone();
    let path = format!("/v1/integrations/{}", app.create().await);
    let created = newest(&app, "create_integration").await;
    assert_eq!(
        created["details"],
        json!({
            "connection": {
                "api_identifier": {"old": null, "new": first},
                "api_audience": {"old": null, "new": audience},
                "client_id": {"old": null, "new": client_id},
                "client_secret": {"changed": true},
            },
            "connection_test": "ok",
            "host": "127.0.0.1",
        })
    );

    let connection = json!({
        "api_identifier": {"old": first, "new": second},
        "api_audience": {"old": audience, "new": audience},
        "client_id": {"old": client_id, "new": "another"},
        "client_secret": {"changed": true},
    });
    let mut change = json!({"api_identifier": second, "client_id": "another",
        "client_secret": "its-own-secret"});
    app.post(&format!("{path}/connection-tests"), &change).await.expect(200);
    let tested = newest(&app, "test_integration").await;
    assert_eq!(tested["details"]["connection"], connection);
    assert_eq!(
        (&tested["details"]["host"], &tested["outcome"]),
        (&json!("127.0.0.1"), &json!("done"))
    );

    change["client_secret"] = json!("a-wrong-secret");
    app.patch(&path, "*", &change).await.expect_problem(422, "connection_test_failed");
    let refused = newest(&app, "update_integration").await;
    assert_eq!(refused["outcome"], "refused");
    assert_eq!(refused["details"]["connection"], connection);
    assert_eq!(refused["details"]["connection_test"], "invalid_client");

    change["client_secret"] = json!("its-own-secret");
    app.patch(&path, "*", &change).await.expect(200);
    let updated = newest(&app, "update_integration").await;
    assert_eq!(updated["details"]["connection"], connection);
    let fields = json!(["api_identifier", "client_id", "client_secret"]);
    assert_eq!(updated["details"]["changed_fields"], fields);

    app.patch(&path, "*", &json!({"name": "Only a name"})).await.expect(200);
    let renamed = newest(&app, "update_integration").await;
    let details = &renamed["details"];
    assert_eq!(details["connection"]["api_identifier"], json!({"old": second, "new": second}));
    assert_eq!(details["connection"]["client_secret"], json!({"changed": false}));
    assert_members!(details, {"host": null, "connection_test": null});
    let all = app.get("/v1/audit?limit=200").await.expect(200).text;
    let secret = app.form()["client_secret"].as_str().unwrap().to_owned();
    for secret in [secret.as_str(), "its-own-secret", "a-wrong-secret"] {
        assert!(!all.contains(secret));
    }
}

#[support::test]
async fn a_disallowed_host_is_audited_as_requested_and_not_as_called(app: App) {
    let form = app.form_with(&json!({"api_identifier": "https://evil.example/api/v2/"}));
    app.post("/v1/connection-tests", &form).await.expect(200);
    app.post("/v1/integrations", &form).await.expect_problem(422, "connection_test_failed");
    for action in ["test_connection", "create_integration"] {
        let details = newest(&app, action).await["details"].clone();
        assert_eq!(details["host"], json!(null), "{action}");
        let new = &details["connection"]["api_identifier"]["new"];
        assert_eq!(new, "https://evil.example/api/v2/");
        assert_eq!(details["connection_test"], "host_not_allowed");
    }
}
