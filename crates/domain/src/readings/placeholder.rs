//! Placeholders for values that are not understood: enough for evidence, never a large body.

use serde_json::Value;

/// Maximum size of an unknown value kept as evidence, in bytes of JSON.
const KEPT_MAX: usize = 512;

/// Placeholders for values that are not stored. A body with a placeholder must not be sent to a tenant.
const NOT_KEPT: [&str; 2] = ["(an object)", "(too long to keep)"];

/// Whether the value contains a placeholder.
pub fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => NOT_KEPT.contains(&text.as_str()),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(members) => members.values().any(has_placeholder),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Reduces an unknown value: scalars and short lists of them are kept; large values and objects, which
/// could contain secrets, become placeholders.
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
