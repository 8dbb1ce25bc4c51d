//! The OpenAPI 3.0.3 rendition of the document, with one media type for each body and one type for all successes of
//! an operation, which is what generators without 3.1 support, too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::json::{members, visit};
use crate::wire::problem::MEDIA_TYPE;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Converts a document of version 3.1.
pub fn convert(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    if let Some(license) = document["info"]["license"].as_object_mut() {
        license.remove("identifier");
        license.insert("url".into(), json!("https://www.apache.org/licenses/LICENSE-2.0.html"));
    }
    for (_, item) in members(&mut document["paths"]) {
        for (_, operation) in members(item).filter(|(name, _)| METHODS.contains(&name.as_str())) {
            simplify(operation);
        }
    }
    let types = types(&document["components"]["schemas"]);
    let mut convert = |members: &mut Map<String, Value>| convert_schema(members, &types);
    for part in ["schemas", "headers", "responses"] {
        visit(&mut document["components"][part], &mut convert);
    }
    visit(&mut document["paths"], &mut convert);
    visit(&mut document, &mut name_json);
    document
}

/// Generators without 3.1 know no other media type of JSON. `PATCH` accepts this one, too; a problem has its own type.
fn name_json(members: &mut Map<String, Value>) {
    let Some(content) = members.get_mut("content").and_then(Value::as_object_mut) else { return };
    for other in ["application/merge-patch+json", MEDIA_TYPE] {
        if let Some(media) = content.remove(other) {
            content.insert("application/json".into(), media);
        }
    }
}

fn simplify(operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let has_body =
        responses.iter().any(|(status, of)| status.starts_with('2') && of.get("content").is_some());
    responses.retain(|status, response| {
        let is_other_success =
            status.starts_with('2') && has_body && response.get("content").is_none();
        !is_other_success && !status.starts_with('3')
    });
    for (_, response) in responses.iter_mut() {
        let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
            continue;
        };
        let first = content.keys().next().cloned();
        content.retain(|media_type, _| Some(media_type) == first.as_ref());
    }
}

/// The types of the schemas that have one, by their reference.
fn types(schemas: &Value) -> BTreeMap<String, Value> {
    let all = schemas.as_object().into_iter().flatten();
    let typed = all.filter(|(_, schema)| schema["type"].is_string());
    typed.map(|(name, of)| (format!("#/components/schemas/{name}"), of["type"].clone())).collect()
}

/// Rewrites what 3.0 says in another way. Other objects than schemas have none of these members.
fn convert_schema(schema: &mut Map<String, Value>, types: &BTreeMap<String, Value>) {
    for unknown in ["propertyNames", "contentSchema"] {
        schema.remove(unknown);
    }
    if schema.remove("contentMediaType").is_some_and(|of| of == "application/octet-stream") {
        schema.insert("format".into(), json!("binary"));
    }
    if let Some(Value::Array(examples)) = schema.get("examples") {
        let first = examples.first().cloned().unwrap_or_default();
        schema.remove("examples");
        schema.insert("example".into(), first);
    }
    let alternatives = schema.get("type").and_then(Value::as_array).cloned();
    if let Some(alternatives) = alternatives {
        schema.insert("nullable".into(), json!(true));
        let named = alternatives.into_iter().find(|name| name != "null");
        schema.insert("type".into(), named.unwrap_or_default());
    }
    if let Some(Value::Array(alternatives)) = schema.get_mut("oneOf") {
        let count = alternatives.len();
        alternatives.retain(|each| each["type"] != "null");
        if alternatives.len() < count {
            let rest = schema.remove("oneOf").unwrap_or_default();
            // `nullable` needs a type: of a reference to several types it is left out.
            if let Some(named) = rest[0]["$ref"].as_str().and_then(|target| types.get(target)) {
                schema.insert("type".into(), named.clone());
                schema.insert("nullable".into(), json!(true));
            }
            schema.insert("allOf".into(), rest);
        }
    }
    // Members beside a reference are ignored in 3.0.
    if schema.contains_key("description")
        && let Some(target) = schema.remove("$ref")
    {
        schema.insert("allOf".into(), json!([{"$ref": target}]));
    }
}
