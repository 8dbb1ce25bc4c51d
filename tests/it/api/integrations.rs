//! Create, list, update and delete integrations.

use http::Method;
use serde_json::json;
use sqlx::PgPool;
use support::{App, ORGANISATION, Saved, Synced};

#[support::test]
async fn an_integration_whose_test_fails_is_not_saved(app: App) {
    let form = app.form_with(&json!({"client_secret": "wrong-wrong-wrong"}));
    let refused = app.post("/v1/integrations", &form).await;
    let refused = refused.expect_problem(422, "connection_test_failed");
    assert_eq!(refused.json["connection_test"]["outcome"], "failed");
    assert!(!refused.text.contains("wrong-wrong-wrong"));
    let list = app.get("/v1/integrations").await.expect(200).json;
    assert_eq!(list, json!({"items": [], "next": null}));
}

#[support::test]
async fn an_integration_never_shows_its_secret(app: App) {
    let secret = app.form()["client_secret"].as_str().unwrap().to_owned();
    let saved = app.post("/v1/integrations", &app.form()).await.expect(201);
    let id = saved.json["id"].as_str().unwrap();
    assert_eq!(saved.json["client_secret"]["set"], true);
    assert_eq!(saved.json["client_secret"]["next_set"], false);
    assert_eq!(saved.json["client_secret"]["updated_at"], "2026-06-15T12:00:00.000000Z");
    for path in [
        format!("/v1/integrations/{id}"),
        "/v1/integrations".into(),
        format!("/v1/integrations/{id}/history"),
    ] {
        assert!(!app.get(&path).await.expect(200).text.contains(&secret), "{path}");
    }
}

#[support::test]
async fn names_and_tenants_are_unique_inside_an_organisation(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("hardened").start().await;
    app.create_from(&app.form_with(&json!({"asset_name": "prod"}))).await;
    let mut other = app.form_of(1);
    other["asset_name"] = json!("prod");
    app.post("/v1/integrations", &other).await.expect_problem(409, "asset_name_taken");
    let same = app.form_with(&json!({"asset_name": "second"}));
    app.post("/v1/integrations", &same).await.expect_problem(409, "conflict");
    other["asset_name"] = json!("second");
    app.post("/v1/integrations", &other).await.expect(201);

    let foreign = app.token("globex", "admin");
    let form = app.form_with(&json!({"asset_name": "prod"}));
    app.call_as(&foreign, Method::POST, "/v1/integrations", &[], Some(&form)).await.expect(201);
}

#[support::test]
async fn an_update_needs_the_version_it_changes(app: App) {
    let path = format!("/v1/integrations/{}", app.create().await);
    let body = json!({"name": "Acme"});
    let without = app.call(Method::PATCH, &path, &[], Some(&body)).await;
    without.expect_problem(428, "precondition_required");
    app.patch(&path, "\"7\"", &body).await.expect_problem(412, "precondition_failed");
    app.patch(&path, "W/\"1\"", &body).await.expect_problem(412, "precondition_failed");
    let updated = app.patch(&path, "\"9\", \"1\"", &body).await.expect(200);
    assert_eq!((updated.header("etag"), &updated.json["name"]), ("\"2\"", &json!("Acme")));
    app.patch(&path, "\"1\"", &body).await.expect_problem(412, "precondition_failed");
    app.patch(&path, "*", &json!({"name": "Acme 2"})).await.expect(200);
    assert_eq!(app.get(&path).await.header("etag"), "\"3\"");
}

#[support::test]
async fn changed_connection_fields_are_tested_before_they_are_saved(app: App) {
    let path = format!("/v1/integrations/{}", app.create().await);
    let refused = app.patch(&path, "\"1\"", &json!({"client_secret": "wrong-wrong"})).await;
    refused.expect_problem(422, "connection_test_failed");
    assert_eq!(app.get(&path).await.header("etag"), "\"1\"");

    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.patch(&path, "\"1\"", &json!({"client_secret": "rotated"})).await.expect(200);
    let row = &app.get(&format!("{path}/history")).await.json["items"][0];
    assert_eq!(row["action"], "update");
    assert_eq!(row["details"]["changed_fields"], json!(["client_secret"]));
    assert_eq!(row["details"]["connection_test"]["outcome"], "connected");

    app.tenant().clear_requests();
    app.patch(&path, "\"2\"", &json!({"name": "Only a name"})).await.expect(200);
    assert_eq!(app.tenant().requests().len(), 0);
}

#[support::test]
async fn a_merge_patch_follows_the_secret_rules(app: App) {
    let id = app
        .create_from(&app.form_with(&json!({"name": "Acme", "asset_name": "prod",
        "client_secret_expires_at": "2027-01-31T00:00:00Z", "auto_sync_frequency": "manual"})))
        .await;
    let path = format!("/v1/integrations/{id}");
    let null = app.patch(&path, "*", &json!({"client_secret": null, "enabled": null})).await;
    assert_eq!(null.expect_problem(422, "validation_failed").faults(), ["/client_secret"]);
    let same = app.patch(&path, "*", &json!({"client_secret": ""})).await.expect(200);
    assert_eq!(same.header("etag"), "\"1\"");
    let merge = [("content-type", "application/merge-patch+json"), ("if-match", "*")];
    let reset = json!({"name": null, "asset_name": null, "auto_sync_frequency": null,
        "client_secret_expires_at": null});
    let reset = app.call(Method::PATCH, &path, &merge, Some(&reset)).await.expect(200).json;
    assert_eq!(reset["auto_sync_frequency"], json!({"every": "1d"}));
    assert_eq!(reset["client_secret"]["expires_at"], json!(null));
    assert_ne!(reset["name"], "Acme");
    let other = json!({"api_audience": "https://other.eu.auth0.com/api/v2/"});
    let other = app.patch(&path, "*", &other).await.expect_problem(422, "validation_failed");
    assert_eq!(other.faults(), ["/api_audience"]);
    let strange = app.patch(&path, "*", &json!({"id": "x", "colour": 1})).await;
    assert_eq!(strange.expect_problem(422, "validation_failed").faults(), ["/colour", "/id"]);
}

#[support::test]
async fn deleting_destroys_the_credentials_and_keeps_the_rest_for_90_days(
    Synced { app, id }: Synced,
) {
    let path = format!("/v1/integrations/{id}");
    let stale = app.call(Method::DELETE, &path, &[("if-match", "\"7\"")], None).await;
    stale.expect_problem(412, "precondition_failed");
    app.delete(&path).await.expect(204);
    app.delete(&path).await.expect(204);
    assert_eq!(app.get(&path).await.expect(200).json["state"], "deleted");
    assert_eq!(app.get(&path).await.json["client_secret"]["set"], false);
    assert_eq!(app.get("/v1/integrations").await.json["items"], json!([]));
    app.patch(&path, "*", &json!({"name": "x"})).await.expect_problem(409, "integration_deleted");
    for below in ["connection-tests", "syncs"] {
        let refused = app.call(Method::POST, &format!("{path}/{below}"), &[], None).await;
        refused.expect_problem(409, "integration_deleted");
    }
    assert!(app.findings("").await.is_empty());
    assert!(!app.findings(&format!("integration_id={id}")).await.is_empty());
    assert!(
        !app.get(&format!("{path}/history")).await.json["items"].as_array().unwrap().is_empty()
    );
    app.create().await;

    app.clock.advance(std::time::Duration::from_secs(91 * 24 * 3600));
    app.get(&path).await.expect_problem(404, "not_found");
}

#[support::test]
async fn a_disabled_integration_does_not_sync(app: App) {
    let path = format!("/v1/integrations/{}", app.create().await);
    let off = app.patch(&path, "*", &json!({"enabled": false})).await.expect(200).json;
    assert_eq!(off["next_sync_at"], json!(null));
    let refused = app.call(Method::POST, &format!("{path}/syncs"), &[], None).await;
    refused.expect_problem(409, "integration_disabled");
    app.clock.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    assert_eq!(app.run_due_jobs().await, 0);
    let on = app.patch(&path, "*", &json!({"enabled": true})).await.expect(200).json;
    assert_eq!(on["next_sync_at"], "2026-06-19T12:00:00.000000Z");
}

#[support::test]
async fn a_viewer_reads_and_changes_nothing(Saved { app, id }: Saved) {
    let viewer = app.token(ORGANISATION, "viewer");
    let path = format!("/v1/integrations/{id}");
    app.call_as(&viewer, Method::GET, &path, &[], None).await.expect(200);
    let form = app.form();
    for (method, path) in [
        (Method::POST, "/v1/integrations".to_owned()),
        (Method::POST, "/v1/connection-tests".to_owned()),
        (Method::POST, format!("{path}/connection-tests")),
        (Method::POST, format!("{path}/syncs")),
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
    ] {
        let refused = app.call_as(&viewer, method, &path, &[("if-match", "*")], Some(&form)).await;
        refused.expect_problem(403, "forbidden");
    }
}

#[support::test]
async fn other_organisations_integrations_are_404(Saved { app, id }: Saved) {
    let sync = app.sync(&id).await;
    let finding = app.findings("").await[0]["id"].as_str().unwrap().to_owned();
    let asset = app.get("/v1/assets").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let entry = app.get(&format!("/v1/integrations/{id}/history")).await.json["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let foreign = app.token("globex", "admin");
    for path in [
        format!("/v1/integrations/{id}"),
        format!("/v1/integrations/{id}/history"),
        format!("/v1/syncs/{}", sync["id"].as_str().unwrap()),
        format!("/v1/findings/{finding}"),
        format!("/v1/assets/{asset}"),
        format!("/v1/history/{entry}"),
    ] {
        app.get(&path).await.expect(200);
        let hidden = app.call_as(&foreign, Method::GET, &path, &[], None).await;
        hidden.expect_problem(404, "not_found");
    }
    for (method, path) in [
        (Method::DELETE, format!("/v1/integrations/{id}")),
        (Method::PATCH, format!("/v1/integrations/{id}")),
        (Method::POST, format!("/v1/integrations/{id}/syncs")),
        (Method::POST, format!("/v1/integrations/{id}/connection-tests")),
    ] {
        let body = json!({});
        let hidden = app.call_as(&foreign, method, &path, &[("if-match", "*")], Some(&body)).await;
        hidden.expect_problem(404, "not_found");
    }
    for list in ["/v1/integrations", "/v1/findings", "/v1/assets"] {
        let empty = app.call_as(&foreign, Method::GET, list, &[], None).await.expect(200);
        assert_eq!(empty.json["items"], json!([]), "{list}");
    }
}

#[support::test]
async fn an_undecryptable_saved_secret_must_be_sent_again(pool: PgPool) {
    let id = App::start(pool.clone()).await.create().await;
    // The same database under other keys.
    let app = App::start(pool).await;
    let path = format!("/v1/integrations/{id}");
    let test = app.post(&format!("{path}/connection-tests"), &json!({})).await;
    let change = json!({"api_identifier": app.form()["api_identifier"]});
    let patch = app.patch(&path, "*", &change).await;
    for refused in [test, patch] {
        let problem = refused.expect_problem(422, "validation_failed").json;
        assert_eq!(problem["errors"][0]["pointer"], "/client_secret", "{problem:#}");
    }
    let sync = app.sync(&id).await;
    assert_eq!(sync["failure"]["code"], "credentials_unreadable");
    assert_eq!(sync["failure"]["who_must_act"], "safe");
}

#[support::test]
async fn an_organisation_has_a_maximum_of_integrations(pool: PgPool) {
    let limits = engine::Limits { integrations_per_organisation: 1, ..engine::Limits::default() };
    let app = App::builder(pool).tenant("fresh").limits(limits).start().await;
    let id = app.create().await;
    app.tenant().clear_requests();
    let other = app.form_with(&json!({"client_id": "another", "asset_name": "another"}));
    let refused = app.post("/v1/integrations", &other).await;
    let refused = refused.expect_problem(409, "quota_exceeded");
    assert!(refused.json["detail"].as_str().unwrap().contains("has 1 integrations"));
    assert_eq!(app.tenant().requests().len(), 0, "the tenant is not called");
    // Deleted ones do not count.
    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    app.create().await;
}
