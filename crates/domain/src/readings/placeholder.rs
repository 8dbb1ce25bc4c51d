//! What is kept of values that we do not know: enough to show, never a large body.

use serde_json::Value;

/// Longest value of an unknown field that is kept as evidence, in bytes of JSON.
const KEPT_MAX: usize = 512;

/// Stand for values that are not kept. Nothing that holds one may be sent to a tenant.
const NOT_KEPT: [&str; 2] = ["(an object)", "(too long to keep)"];

/// Whether some value in it is only a stand-in for what the tenant has.
pub fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => NOT_KEPT.contains(&text.as_str()),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(members) => members.values().any(has_placeholder),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What is kept of a value that we do not know: scalars and short lists of them, never a large body, and
/// no object: its members may be anything, secrets too.
pub fn bounded_value(value: Value) -> Value {
    match value {
        Value::Object(_) => Value::String(NOT_KEPT[0].into()),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            Value::String(NOT_KEPT[0].into())
        }
        other if other.to_string().len() > KEPT_MAX => Value::String(NOT_KEPT[1].into()),
        other => other,
    }
}
