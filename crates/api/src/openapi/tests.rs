//! The golden document, and what must hold of every operation in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{openapi, openapi_3_0};
use crate::testing::assert_golden;

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.clone(), path.clone(), operation))
    });
    all.collect()
}

#[test]
fn the_document_in_the_repository_is_the_one_that_is_served() {
    let text = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
    assert_golden("openapi/openapi.json", &text);
    let text = serde_json::to_string_pretty(&openapi_3_0()).unwrap() + "\n";
    assert_golden("openapi/openapi-3.0.json", &text);
}

#[test]
fn every_operation_of_the_contract_is_there() {
    let document = openapi();
    let ids: BTreeSet<_> = operations(&document)
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), operations(&document).len(), "operation ids are unique");
    for id in [
        "get_configuration_form",
        "test_connection",
        "create_integration",
        "list_integrations",
        "get_integration",
        "update_integration",
        "delete_integration",
        "test_integration",
        "start_sync",
        "get_sync",
        "list_history",
        "get_history_entry",
        "list_findings",
        "get_finding",
        "export_findings",
        "accept_finding",
        "unaccept_finding",
        "bulk_accept_findings",
        "list_audit",
        "verify_audit",
        "list_assets",
        "get_asset",
        "list_score_history",
        "get_drift",
        "get_plan",
        "preview_plan",
        "get_coverage",
        "list_checks",
        "get_check",
        "create_token",
        "create_api_credential",
        "list_api_credentials",
        "get_api_credential",
        "revoke_api_credential",
        "get_policy",
        "put_policy",
        "preview_policy",
    ] {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn every_operation_is_described_and_can_fail() {
    let document = openapi();
    assert_eq!(document["openapi"], "3.1.0");
    for (method, path, operation) in operations(&document) {
        assert!(operation["summary"].is_string(), "{method} {path}");
        assert!(operation["description"].is_string(), "{method} {path}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        assert!(!operation.as_object().unwrap().values().any(Value::is_null), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("400") && responses.contains_key("500"), "{method} {path}");
        assert!(responses.keys().all(|status| status.parse::<u16>().is_ok()), "{method} {path}");
        let names: Vec<_> = (operation["parameters"].as_array().into_iter().flatten())
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        // An answer with a secret is not kept.
        let has_secret = ["/v1/token", "/v1/api-credentials"].contains(&path.as_str());
        let is_repeatable = method == "post" && !has_secret;
        assert_eq!(names.contains(&"Idempotency-Key"), is_repeatable, "{method} {path}");
        let is_versioned = method == "patch"
            || (method.as_str(), path.as_str()) == ("put", "/v1/policy")
            || (method.as_str(), path.as_str()) == ("delete", "/v1/integrations/{integration_id}");
        assert_eq!(names.contains(&"If-Match"), is_versioned, "{method} {path}");
    }
}

/// Every object in it that is not an example.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a serde_json::Map<String, Value>>) {
    match value {
        Value::Object(members) => {
            found.push(members);
            let others = members.iter().filter(|(name, _)| !name.starts_with("example"));
            others.for_each(|(_, value)| objects(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, found)),
        _ => {}
    }
}

#[test]
fn generators_can_read_every_schema() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut values = BTreeSet::new();
    for (name, schema) in schemas {
        // The constructor of `Policy` in Go is `NewPolicy`, and its constants have no prefix.
        assert!(name.strip_prefix("New").is_none_or(|made| !schemas.contains_key(made)), "{name}");
        for value in schema["enum"].as_array().into_iter().flatten() {
            assert!(values.insert(value.as_str()), "{name}: another enumeration has {value}");
        }
        let mut all = Vec::new();
        objects(schema, &mut all);
        for pattern in all.iter().filter_map(|of| of.get("pattern")?.as_str()) {
            // The syntax that is the same everywhere, and no comma, which separates rules in Go.
            assert!(!pattern.contains([',', '\\', '(']), "{name}: {pattern}");
        }
        for inner in &all[1..] {
            let is_inline = inner.get("properties").is_some_and(|of| of["type"].is_null())
                && inner.get("type").is_some_and(|of| *of == "object");
            assert!(!is_inline, "{name} has an object without a name");
        }
        for of in all {
            let alternatives = of.get("oneOf").and_then(Value::as_array).into_iter().flatten();
            let names = alternatives.filter_map(|each| each["$ref"].as_str());
            let is_object =
                |target: &&str| document.pointer(&target[1..]).unwrap()["type"] == "object";
            assert!(names.filter(is_object).count() < 2, "{name} has objects to tell apart");
        }
        let is_closed = schema["enum"].is_array();
        assert!(!is_closed || !schema["x-extensible-enum"].is_array(), "{name}");
    }
    for (method, path, operation) in operations(&document) {
        let mut all = Vec::new();
        objects(&operation["responses"], &mut all);
        assert!(all.iter().all(|each| !each.contains_key("enum")), "{method} {path}");
        let body = operation["requestBody"]["content"].as_object();
        assert!(body.is_none_or(|types| types.len() == 1), "{method} {path}");
    }
}

#[test]
fn version_3_0_has_nothing_of_3_1() {
    let document = openapi_3_0();
    let mut all = Vec::new();
    objects(&document, &mut all);
    for members in all {
        assert!(
            members.get("type").is_none_or(|of| !of.is_array() && *of != "null"),
            "{members:?}"
        );
        assert!(!members.contains_key("nullable") || members.contains_key("type"), "{members:?}");
        for unknown in ["propertyNames", "contentSchema", "contentMediaType", "const"] {
            assert!(!members.contains_key(unknown), "{unknown}: {members:?}");
        }
    }
    for (method, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let success: BTreeSet<_> = (responses.iter())
            .filter(|(status, _)| status.starts_with('2'))
            .map(|(_, response)| response["content"].to_string())
            .collect();
        assert_eq!(success.len(), 1, "{method} {path}");
    }
}

#[test]
fn no_reference_dangles() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{target}");
                }
                map.values().for_each(|each| walk(each, document));
            }
            Value::Array(list) => list.iter().for_each(|each| walk(each, document)),
            _ => {}
        }
    }
    let document = openapi();
    walk(&document, &document);
}

#[test]
fn times_and_ids_have_their_formats() {
    let document = openapi();
    let schema = |pointer: &str| document.pointer(&format!("/components/schemas/{pointer}"));
    let created = schema("Integration/properties/created_at").unwrap();
    assert_eq!((&created["type"], &created["format"]), (&"string".into(), &"date-time".into()));
    let id = schema("Integration/properties/id").unwrap();
    assert_eq!((&id["type"], &id["format"]), (&"string".into(), &"uuid".into()));
}

#[tokio::test]
async fn the_docs_page_loads_only_files_of_this_service() {
    use super::docs_page;
    use axum::body::to_bytes;
    use axum::extract::Path;
    use http::HeaderMap;
    let text = async |response: axum::response::Response| {
        assert!(response.headers().contains_key("content-security-policy"));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let file =
        async |name: &str| docs_page::docs_file(HeaderMap::new(), Ok(Path(name.to_owned()))).await;
    let html = text(docs_page::docs(HeaderMap::new()).await.unwrap()).await;
    assert!(html.contains(r#"<base href="/docs/">"#));
    assert!(!html.contains("https://") && !html.contains("<script>"), "{html}");
    for loaded in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        assert!(html.contains(loaded), "{loaded}");
        file(loaded).await.unwrap();
    }
    let setup = file("swagger-initializer.js").await.unwrap();
    assert!(text(setup).await.contains("/openapi.json"));
    assert!(file("../secret").await.is_err());
}
