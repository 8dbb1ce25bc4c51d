//! Responses compared with the OpenAPI document.

use http::Method;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::Answer;

/// The schema at this pointer, which takes no member that it does not describe.
pub fn strict(document: &Value, pointer: &str) -> Validator {
    let mut schema = document.clone();
    for (_, each) in schema["components"]["schemas"].as_object_mut().expect("schemas") {
        if each["properties"].is_object() && each.get("additionalProperties").is_none() {
            each["additionalProperties"] = json!(false);
        }
    }
    schema["$ref"] = json!(pointer);
    jsonschema::draft202012::new(&schema).expect("a sound schema")
}

/// Asserts that the value is as the schema says.
#[track_caller]
pub fn assert_valid(schema: &Validator, value: &Value, what: &str) {
    let errors: Vec<_> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
}

/// Asserts that the operation declares this problem.
#[track_caller]
pub fn assert_declared(method: &Method, path: &str, answer: &Answer) {
    let Some(code) = answer.json["code"].as_str().filter(|_| answer.status.as_u16() >= 400) else {
        return;
    };
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let all = api::operations();
    // A path without parameters takes precedence over a template.
    let is_literal = all.iter().any(|each| each.path == path);
    let is_meant =
        |template: &str| if is_literal { template == path } else { matches(template, path) };
    let found = all.iter().find(|each| each.method == *method && is_meant(&each.path));
    let Some(operation) = found else { return };
    let declared: Vec<_> = operation.problems().iter().map(|kind| kind.name()).collect();
    assert!(declared.contains(&code), "{} does not declare {code}: {declared:?}", operation.id);
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(name, part)| name.starts_with('{') || name == part)
}
