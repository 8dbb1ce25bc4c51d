//! How Auth0 returns and changes a settings object: sets in varying order, unknown keys, merging.

use crate::reply::not_allowed;
use serde_json::{Map, Value, json};

/// Arrays that are sets: their order differs between reads.
const SETS: &[&str] = &["shields", "admin_notification_frequency"];
const SET_RESOURCE: &str = "guardian/policies";

/// The key that `"extra_keys": true` adds.
pub(crate) const UNKNOWN_KEY: &str = "a_setting_of_tomorrow";

/// Rotates every set by the number of earlier reads.
pub(crate) fn vary(path: &str, body: &mut Value, earlier_reads: usize) {
    match body {
        Value::Array(items) if path == SET_RESOURCE => rotate(items, earlier_reads),
        Value::Object(members) => vary_members(members, earlier_reads),
        _ => {}
    }
}

fn vary_members(members: &mut Map<String, Value>, earlier_reads: usize) {
    for (name, value) in members {
        match value {
            Value::Array(items) if SETS.contains(&name.as_str()) => rotate(items, earlier_reads),
            Value::Object(inner) => vary_members(inner, earlier_reads),
            _ => {}
        }
    }
}

fn rotate(items: &mut [Value], by: usize) {
    if !items.is_empty() {
        let by = by % items.len();
        items.rotate_left(by);
    }
}

/// Adds an unknown key to an object, or to every object of an array.
pub(crate) fn add_unknown_key(body: &mut Value) {
    match body {
        Value::Object(members) => {
            members.insert(UNKNOWN_KEY.to_owned(), json!({ "mode": "auto" }));
        }
        Value::Array(items) => {
            items.iter_mut().filter(|item| item.is_object()).for_each(add_unknown_key);
        }
        _ => {}
    }
}

/// Applies `fields` and `include_fields`. The error is a message about another parameter.
pub(crate) fn project(body: &Value, query: &[(String, String)]) -> Result<Value, String> {
    for (name, _) in query {
        if !matches!(name.as_str(), "fields" | "include_fields") {
            return Err(not_allowed(name));
        }
    }
    Ok(with_fields(body.clone(), query))
}

/// Keeps the members named by `fields`, or all others if `include_fields` is false.
pub(crate) fn with_fields(mut body: Value, query: &[(String, String)]) -> Value {
    let value =
        |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if let (Some(fields), Some(members)) = (value("fields"), body.as_object_mut()) {
        let include = value("include_fields").is_none_or(|value| value != "false");
        let named: Vec<&str> = fields.split(',').map(str::trim).collect();
        members.retain(|name, _| named.contains(&name.as_str()) == include);
    }
    body
}

/// Auth0's `PATCH`: merges members down to `levels` (settings: also members of nested objects such as stages and flags,
/// as recorded responses show). Below that, objects and arrays are replaced as a whole.
pub(crate) fn patch(target: &mut Value, change: Value, levels: usize) {
    match (target, change) {
        (Value::Object(members), Value::Object(changes)) if levels > 0 => {
            for (name, change) in changes {
                patch(members.entry(name).or_insert(Value::Null), change, levels - 1);
            }
        }
        (target, change) => *target = change,
    }
}

/// Merges objects recursively.
pub(crate) fn merge(target: &mut Value, change: Value) {
    match (target, change) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name).or_insert(Value::Null), change);
            }
        }
        (target, change) => *target = change,
    }
}

pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sets_change_their_order() {
        let stored = json!({"shields": ["a", "b"], "allowlist": ["x", "y"],
            "stage": {"pre-login": {"shields": ["a", "b"]}}});
        let mut second = stored.clone();
        vary("attack-protection/any", &mut second, 1);
        assert_eq!(
            second,
            json!({"shields": ["b", "a"], "allowlist": ["x", "y"],
                "stage": {"pre-login": {"shields": ["b", "a"]}}})
        );
        let mut third = stored.clone();
        vary("attack-protection/any", &mut third, 2);
        assert_eq!(third, stored);
    }

    #[test]
    fn a_merge_keeps_other_members_and_replaces_arrays() {
        let mut body =
            json!({"enabled": false, "shields": ["a", "b"], "stage": {"x": {"m": 1, "n": 2}}});
        merge(&mut body, json!({"shields": ["c"], "stage": {"x": {"m": 3}}}));
        assert_eq!(
            body,
            json!({"enabled": false, "shields": ["c"], "stage": {"x": {"m": 3, "n": 2}}})
        );
    }

    #[test]
    fn a_patch_keeps_other_stages_and_replaces_the_named_one() {
        let stored = json!({"a": 1, "stage": {"x": {"m": 1, "n": 2}, "y": {"m": 1}}});
        let change = json!({"stage": {"x": {"m": 3}}});
        let mut settings = stored.clone();
        patch(&mut settings, change.clone(), 2);
        assert_eq!(settings, json!({"a": 1, "stage": {"x": {"m": 3}, "y": {"m": 1}}}));
        let mut object = stored;
        patch(&mut object, change, 1);
        assert_eq!(object, json!({"a": 1, "stage": {"x": {"m": 3}}}));
    }

    #[test]
    fn fields_are_included_or_excluded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let body = json!({"a": 1, "b": 2});
        assert_eq!(project(&body, &[pair("fields", "a")]), Ok(json!({"a": 1})));
        let without = [pair("fields", "a"), pair("include_fields", "false")];
        assert_eq!(project(&body, &without), Ok(json!({"b": 2})));
        assert!(project(&body, &[pair("page", "0")]).is_err());
    }
}
