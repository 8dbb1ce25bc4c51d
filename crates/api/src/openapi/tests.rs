//! The golden document, and what must hold of every operation in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::openapi;
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
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        assert!(!operation.as_object().unwrap().values().any(Value::is_null), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("4XX") && responses.contains_key("5XX"), "{method} {path}");
        let names: Vec<_> = (operation["parameters"].as_array().into_iter().flatten())
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        // An answer with a secret is not kept.
        let has_secret = ["/v1/token", "/v1/api-credentials"].contains(&path.as_str());
        let is_repeatable = method == "post" && !has_secret;
        assert_eq!(names.contains(&"Idempotency-Key"), is_repeatable, "{method} {path}");
        let is_versioned =
            method == "patch" || (method.as_str(), path.as_str()) == ("put", "/v1/policy");
        assert_eq!(names.contains(&"If-Match"), is_versioned, "{method} {path}");
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
