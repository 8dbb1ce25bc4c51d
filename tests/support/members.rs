//! Assertions on members of JSON objects.

use serde_json::Value;

/// Asserts members of an object, `assert_members!(sync, {"state": "failed", "calls": 1})`; shows the object when
/// one is another.
#[macro_export]
macro_rules! assert_members {
    ($value:expr, {$($expected:tt)*} $(, $($what:tt)+)?) => {{
        let what: &[String] = &[$(format!($($what)+))?];
        $crate::assert_members(&$value, &::serde_json::json!({$($expected)*}), &what.concat())
    }};
}

/// See the macro.
#[track_caller]
pub fn assert_members(value: &Value, expected: &Value, what: &str) {
    for (name, expected) in expected.as_object().expect("members") {
        assert_eq!(&value[name], expected, "{name}: {what} {value:#}");
    }
}

/// The item of a list whose member has this value, as the report on one reading.
#[track_caller]
pub fn item<'a>(list: &'a Value, member: &str, value: &str) -> &'a Value {
    let mut items = list.as_array().into_iter().flatten();
    items.find(|item| item[member] == value).unwrap_or_else(|| panic!("no {value} in {list:#}"))
}
