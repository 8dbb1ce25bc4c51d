//! Null in bodies: the default of optional fields, and no body where it is optional.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use support::{App, ORGANISATION, Saved};

#[support::test]
async fn null_means_the_default_in_create_in_patch_and_in_a_test_of_edited_fields(app: App) {
    let nulls = json!({"name": null, "asset_name": null, "auto_sync_frequency": null,
        "client_secret_expires_at": null, "enabled": null});
    let created = app.post("/v1/integrations", &app.form_with(&nulls)).await.expect(201);
    let id = created.json["id"].as_str().unwrap();
    let path = format!("/v1/integrations/{id}");
    let shown = |integration: &Value| {
        let secret = &integration["client_secret"]["expires_at"];
        let fields = ["name", "asset_name", "auto_sync_frequency", "enabled"];
        (fields.map(|field| integration[field].clone()), secret.clone())
    };
    assert_eq!(created.json["enabled"], true);

    let set = json!({"name": "Acme", "asset_name": "acme", "auto_sync_frequency": "manual",
        "client_secret_expires_at": "2027-01-31T00:00:00Z", "enabled": false});
    let changed = app.patch(&path, created.header("etag"), &set).await.expect(200);
    assert_eq!(changed.json["enabled"], false);
    let cleared = app.patch(&path, changed.header("etag"), &nulls).await.expect(200);
    assert_eq!(shown(&cleared.json), shown(&created.json));
    assert!(cleared.json["next_sync_at"].is_string());

    let zone = json!({"auto_sync_frequency": {"cron": "0 3 * * *", "time_zone": null}});
    let zoned = app.patch(&path, cleared.header("etag"), &zone).await.expect(200);
    assert_eq!(zoned.json["auto_sync_frequency"]["time_zone"], "UTC");
    let tests = format!("{path}/connection-tests");
    assert_eq!(app.post(&tests, &nulls).await.expect(200).json["outcome"], "connected");

    let required = json!({"api_identifier": null, "client_id": null, "client_secret": null,
        "api_audience": null});
    let places = ["/api_audience", "/api_identifier", "/client_id", "/client_secret"];
    let refused = app.patch(&path, "*", &required).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), places);
    let refused = app.post("/v1/integrations", &required).await;
    assert_eq!(refused.expect_problem(422, "validation_failed").faults(), places);
}

#[support::test]
async fn a_null_body_is_no_body_wherever_the_body_is_optional(Saved { app, id }: Saved) {
    let document = app.get("/openapi.json").await.expect(200).json;
    let mut optional = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(body) = operation.get("requestBody") else { continue };
            if body["content"].get("application/json").is_none() {
                continue;
            }
            let path = path.replace("{integration_id}", &id);
            let answer = send(&app, method, &path, "null").await;
            if body["required"] == true {
                assert!(answer >= 400, "{method} {path}: {answer}");
                continue;
            }
            assert!(answer < 300, "{method} {path}: {answer}");
            optional.push(path);
            app.run_due_jobs().await;
        }
    }
    let expected =
        ["connection-tests", "syncs"].map(|what| format!("/v1/integrations/{id}/{what}"));
    assert_eq!(optional, expected);
    // The history has the test, as it has one without a body.
    let tested = app.post(&expected[0], &Value::Null).await.expect(200);
    assert_eq!(tested.json["recorded"], true);
}

async fn send(app: &App, method: &str, path: &str, body: &str) -> u16 {
    let request = Request::builder()
        .method(method.to_uppercase().as_str())
        .uri(path)
        .header("authorization", format!("Bearer {}", app.token(ORGANISATION, "admin")))
        .header("content-type", "application/json")
        .header("if-match", "*")
        .body(Body::from(body.to_owned()));
    app.send(request.unwrap()).await.status.as_u16()
}
