//! Access to the document as JSON.

use serde_json::{Map, Value};

/// Calls it with every object inside, inner ones first.
pub fn visit(value: &mut Value, each: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| visit(value, each));
            each(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, each)),
        _ => {}
    }
}

pub fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

pub fn has_parameter(documented: &Value, name: &str) -> bool {
    let parameters = documented["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|each| each["name"] == name))
}

/// What a reference refers to, or the value itself.
#[cfg(test)]
pub fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|target| document.pointer(&target[1..]));
    target.unwrap_or(value)
}
