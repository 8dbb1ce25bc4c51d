//! What generators of clients need of schemas and the derive macros do not say: pages with names, one object where
//! two are joined, required members, and enumerations that may grow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::json::visit;

const PREFIX: &str = "#/components/schemas/";
/// Objects that leave out members which may also be null.
const PARTIAL: [&str; 2] = ["AuditDetails", "HistoryDetails"];

pub fn complete(document: &mut Value) {
    name_pages(document);
    join_objects(document);
    let requested = of_requests(document);
    require_members(document, &requested);
    open_enumerations(document, &requested);
    visit(document, &mut describe_nullable);
    visit(&mut document["components"]["schemas"], &mut list_examples);
}

fn schemas(document: &mut Value) -> &mut Map<String, Value> {
    document["components"]["schemas"].as_object_mut().expect("the document has schemas")
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    visit(value, &mut |members| {
        let Some(Value::String(target)) = members.get_mut("$ref") else { return };
        if let Some(name) = target.strip_prefix(PREFIX).and_then(|name| names.get(name)) {
            *target = format!("{PREFIX}{name}");
        }
    });
}

/// `Page_Finding` with a copy of `Finding` becomes `FindingPage` with a reference to it.
fn name_pages(document: &mut Value) {
    let all = schemas(document);
    let items = all.keys().filter_map(|name| name.strip_prefix("Page_").map(str::to_owned));
    let mut names = BTreeMap::new();
    for item in items.collect::<Vec<_>>() {
        let (old, new) = (format!("Page_{item}"), format!("{item}Page"));
        let mut page = all.remove(&old).unwrap_or_default();
        page["properties"]["items"]["items"] = json!({"$ref": format!("{PREFIX}{item}")});
        page["example"] = json!({"items": [all[&item]["example"]], "next": null});
        all.insert(new.clone(), page);
        names.insert(old, new);
    }
    rename(document, &names);
}

/// An `allOf` of an object and more members becomes one object.
fn join_objects(document: &mut Value) {
    let all = schemas(document);
    let known = all.clone();
    for (_, schema) in all.iter_mut() {
        let Some(Value::Array(parts)) = schema.as_object_mut().and_then(|of| of.remove("allOf"))
        else {
            continue;
        };
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for part in &parts {
            let target = part["$ref"].as_str().and_then(|target| target.strip_prefix(PREFIX));
            let part = target.map_or(part, |name| &known[name]);
            properties.extend(part["properties"].as_object().into_iter().flatten().map(own));
            required.extend(part["required"].as_array().into_iter().flatten().cloned());
        }
        schema["type"] = json!("object");
        schema["properties"] = json!(properties);
        schema["required"] = json!(required);
    }
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Names of the schemas that it refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            found.extend(target.and_then(|target| target.strip_prefix(PREFIX)).map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Names of the schemas of parameters and bodies of requests.
fn of_requests(document: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for item in document["paths"].as_object().into_iter().flat_map(Map::values) {
        for operation in item.as_object().into_iter().flat_map(Map::values) {
            references(&operation["parameters"], &mut all);
            references(&operation["requestBody"], &mut all);
        }
    }
    loop {
        let mut more = all.clone();
        for name in &all {
            references(&document["components"]["schemas"][name], &mut more);
        }
        if more.len() == all.len() {
            return all;
        }
        all = more;
    }
}

/// In responses a member is null or left out, never both: those that may be null are always sent.
fn require_members(document: &mut Value, requested: &BTreeSet<String>) {
    for (name, schema) in schemas(document) {
        let Some(properties) = schema["properties"].as_object() else { continue };
        if requested.contains(name) || PARTIAL.contains(&name.as_str()) {
            continue;
        }
        let is_listed = |name: &String| {
            schema["required"].as_array().is_some_and(|all| all.iter().any(|each| each == name))
        };
        let required = properties.iter().filter(|(name, of)| is_listed(name) || is_nullable(of));
        let required: Vec<_> = required.map(|(name, _)| name.clone()).collect();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
    }
}

fn is_nullable(schema: &Value) -> bool {
    let names_null = |of: &Value| *of == json!("null") || of["type"] == "null";
    ["type", "oneOf", "anyOf"]
        .iter()
        .any(|keyword| schema[*keyword].as_array().is_some_and(|all| all.iter().any(names_null)))
}

/// Responses may have values that a client does not know yet, so theirs are strings whose known values are listed. A
/// request must have one of the values; where both have the enumeration, `…Value` is that of responses.
fn open_enumerations(document: &mut Value, requested: &BTreeSet<String>) {
    let all = schemas(document);
    let is_enumeration = |schema: &Value| schema["type"] == "string" && schema["enum"].is_array();
    let closed: Vec<_> = all.iter().filter(|(_, schema)| is_enumeration(schema)).map(own).collect();
    let mut names = BTreeMap::new();
    for (name, schema) in closed {
        if requested.contains(&name) {
            names.insert(name.clone(), format!("{name}Value"));
        }
        let open = names.get(&name).unwrap_or(&name);
        all.insert(open.clone(), opened(schema));
    }
    let mut used = BTreeSet::new();
    for (name, schema) in all.iter_mut().filter(|(name, _)| !requested.contains(*name)) {
        if !names.contains_key(name) {
            rename(schema, &names);
        }
        references(schema, &mut used);
    }
    all.retain(|name, _| used.contains(name) || !names.values().any(|open| open == name));
}

fn opened(mut schema: Value) -> Value {
    let values = schema.as_object_mut().and_then(|members| members.remove("enum"));
    let values = values.unwrap_or_default();
    let names: Vec<_> = values.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let known = format!("Known values: `{}`. More may be added.", names.join("`, `"));
    let description = schema["description"].as_str().map(|text| format!("{text}\n\n{known}"));
    schema["description"] = json!(description.unwrap_or(known));
    schema["example"] = json!(names.first());
    schema["x-extensible-enum"] = values;
    schema
}

/// A description belongs to the member, not to one of its alternatives.
fn describe_nullable(schema: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = schema.get_mut("oneOf") else { return };
    let [first, other] = alternatives.as_mut_slice() else { return };
    if other["type"] != "null" {
        return;
    }
    if let Some(text) = first.as_object_mut().and_then(|first| first.remove("description")) {
        schema.insert("description".into(), text);
    }
}

/// JSON Schema has a list of examples; `example` is deprecated in OpenAPI 3.1.
fn list_examples(schema: &mut Map<String, Value>) {
    let is_schema = ["type", "$ref", "oneOf"].iter().any(|keyword| schema.contains_key(*keyword));
    if is_schema && let Some(example) = schema.remove("example") {
        schema.insert("examples".into(), json!([example]));
    }
}
