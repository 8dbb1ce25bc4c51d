//! The details of history entries match their schemas.

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};
use support::App;

/// A schema of the document that takes no member which it does not describe.
fn strict(document: &Value, name: &str) -> Validator {
    let mut schema = document.clone();
    for (_, each) in schema["components"]["schemas"].as_object_mut().unwrap() {
        if each["type"] == "object" && each.get("additionalProperties").is_none() {
            each["additionalProperties"] = json!(false);
        }
    }
    schema["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

#[support::test]
async fn the_details_of_every_kind_of_row_are_as_documented(app: App) {
    let form = app.form_with(&json!({"client_secret_expires_at": "2026-06-20T00:00:00Z"}));
    let id = app.create_from(&form).await;
    let path = format!("/v1/integrations/{id}");
    app.sync(&id).await;
    app.post(&format!("{path}/connection-tests"), &json!({})).await.expect(200);
    app.patch(&path, "*", &json!({"name": "Acme"})).await.expect(200);
    let secret = &app.form()["client_secret"];
    app.patch(&path, "*", &json!({"client_secret": secret})).await.expect(200);
    let next = json!({"client_secret": "rotated"});
    app.call(Method::PUT, &format!("{path}/next-secret"), &[], Some(&next)).await.expect(200);
    app.run_due_jobs().await;
    // Longer than a token lives.
    let days = std::time::Duration::from_secs(2 * 24 * 3600);
    app.tenant().edit(|file| file.applications[0].client_secret = "rotated".into());
    app.clock.advance(days);
    app.sync(&id).await;
    app.tenant().edit(|file| file.applications[0].client_secret = "other".into());
    app.clock.advance(days);
    assert_eq!(app.sync(&id).await["state"], "failed");
    let queued = app.post(&format!("{path}/syncs"), &json!({})).await.expect(202).json;
    app.delete(&format!("/v1/syncs/{}", queued["id"].as_str().unwrap())).await.expect(202);

    let document = app.get("/openapi.json").await.expect(200).json;
    let rows = app.get(&format!("{path}/history")).await.expect(200).json;
    let entry = strict(&document, "HistoryEntry");
    let mut kinds = std::collections::BTreeSet::new();
    for row in rows["items"].as_array().unwrap() {
        assert!(entry.is_valid(row), "{row:#}");
        let details = &row["details"];
        let name = match row["action"].as_str().unwrap() {
            "test_connection" => "TestDetails",
            "sync" if *details == json!({}) => "(empty)",
            "sync" => "SyncDetails",
            _ if details["by_machine"].is_string() => "MachineDetails",
            _ => "UpdateDetails",
        };
        kinds.insert(name);
        if name == "(empty)" {
            assert_eq!(row["error"], "cancelled");
            continue;
        }
        let errors: Vec<_> = strict(&document, name)
            .iter_errors(details)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}\n{details:#}");
    }
    let all = ["(empty)", "MachineDetails", "SyncDetails", "TestDetails", "UpdateDetails"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}
