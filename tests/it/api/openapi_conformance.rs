//! Responses and examples are as the OpenAPI document says, with all members described and nothing else.

use serde_json::Value;
use support::document::{assert_valid, strict};
use support::{App, Synced};

/// The responses with a JSON body: status and media type object.
fn bodies(responses: &Value) -> impl Iterator<Item = (&str, &Value)> {
    responses.as_object().into_iter().flatten().filter_map(|(status, response)| {
        Some((status.as_str(), response["content"].get("application/json")?))
    })
}

#[support::test]
async fn every_list_and_resource_is_as_documented(Synced { app, id }: Synced) {
    let document = app.get("/openapi.json").await.expect(200).json;
    let ids = ids(&app, &id).await;
    let mut read = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        let Some((_, media)) = bodies(&item["get"]["responses"]).next() else { continue };
        let mut path = template.clone();
        for (name, value) in &ids {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let answer = app.get(&path).await.expect(200);
        let schema = strict(&document, media["schema"]["$ref"].as_str().unwrap());
        assert_valid(&schema, &answer.json, &path);
        assert_ne!(answer.json["items"], serde_json::json!([]), "{path} shows no item");
        read += 1;
    }
    assert!(read >= 22, "{read}");
}

/// A resource for every path.
async fn ids(app: &App, integration: &str) -> Vec<(&'static str, String)> {
    let first = async |path: &str| app.get(path).await.expect(200).json["items"][0].clone();
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let credential = app.post("/v1/api-credentials", &serde_json::json!({"name": "a"})).await;
    let entry = first(&format!("/v1/integrations/{integration}/history?action=sync")).await;
    vec![
        ("integration_id", integration.to_owned()),
        ("finding_id", text(&first("/v1/findings").await["id"])),
        ("asset_id", text(&first("/v1/assets").await["id"])),
        ("sync_id", text(&entry["sync_id"])),
        ("entry_id", text(&entry["id"])),
        ("credential_id", text(&credential.expect(201).json["id"])),
        ("check_id", "brute-force-protection-off".to_owned()),
    ]
}

#[support::test]
async fn every_example_matches_its_schema(app: App) {
    let document = app.get("/openapi.json").await.expect(200).json;
    let mut seen = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let examples = schema["examples"].as_array().into_iter().flatten();
        for example in examples {
            let schema = strict(&document, &format!("#/components/schemas/{name}"));
            assert_valid(&schema, example, name);
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen}");
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            for (status, media) in bodies(&operation["responses"]) {
                let target = media["schema"]["$ref"].as_str().unwrap();
                let schema = document.pointer(&target[1..]).unwrap();
                assert!(schema["examples"].is_array(), "{target} of {status} has no example");
            }
        }
    }
    let problem = strict(&document, "#/components/schemas/Problem");
    for (name, example) in document["components"]["examples"].as_object().unwrap() {
        assert_valid(&problem, &example["value"], name);
    }
}
