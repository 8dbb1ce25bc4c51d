//! Values in HCL, the language of Terraform (its native syntax, "Template Expressions" for quoting).

use std::fmt::Write;

use serde_json::Value;

/// A scalar or a list of scalars; none for anything else.
pub(super) fn value(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) => Some(quoted(text)),
        Value::Array(items) => {
            let is_flat = items.iter().all(|item| !item.is_array());
            let items: Option<Vec<String>> = items.iter().map(self::value).collect();
            items.filter(|_| is_flat).map(|items| format!("[{}]", items.join(", ")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// A literal string: nothing in it begins a template (`${`, `%{`) or ends the string, and nothing is
/// left that a terminal or an editor may show as something else. Writing to a string cannot fail.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut characters = text.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Doubled it is no template; after one of its own kind, it would not be clear which two
            // belong together.
            '$' | '%' if characters.peek() == Some(&'{') => {
                if before == Some(character) {
                    let _ = write!(quoted, "\\u{:04x}", u32::from(character));
                } else {
                    quoted.extend([character, character]);
                }
            }
            ' '..='~' => quoted.push(character),
            _ if u32::from(character) <= 0xffff => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(character));
            }
        }
        before = Some(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use serde_json::json;

    use super::*;

    /// What HCL reads; panics where it would begin a template, or where the string ends early.
    fn read(quoted: &str) -> String {
        let inside = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let mut text = String::new();
        let mut rest = inside;
        while let Some(first) = rest.chars().next() {
            let taken = match first {
                '"' => panic!("the string ends early"),
                '$' | '%' if rest[1..].starts_with(first) && rest[2..].starts_with('{') => {
                    text.extend([first, '{']);
                    3
                }
                '$' | '%' if rest[1..].starts_with('{') => panic!("a template begins"),
                '\\' => {
                    let (character, taken) = escape(&rest[1..]);
                    text.push(character);
                    1 + taken
                }
                other => {
                    text.push(other);
                    other.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
        text
    }

    fn escape(after: &str) -> (char, usize) {
        let code = |digits: usize| {
            let code = u32::from_str_radix(&after[1..=digits], 16).unwrap();
            (char::from_u32(code).unwrap(), 1 + digits)
        };
        match after.chars().next().unwrap() {
            'n' => ('\n', 1),
            'r' => ('\r', 1),
            't' => ('\t', 1),
            '"' => ('"', 1),
            '\\' => ('\\', 1),
            'u' => code(4),
            'U' => code(8),
            other => panic!("no escape: {other}"),
        }
    }

    #[test]
    fn templates_are_text() {
        assert_eq!(quoted("${file(\"/etc/passwd\")}"), r#""$${file(\"/etc/passwd\")}""#);
        assert_eq!(quoted("%{ if true }"), r#""%%{ if true }""#);
        assert_eq!(quoted("$${a}"), r#""$\u0024{a}""#);
        assert_eq!(quoted("5 $ and {"), r#""5 $ and {""#);
        assert_eq!(quoted("a\u{202e}b\u{1f600}"), r#""a\u202eb\U0001f600""#);
    }

    #[test]
    fn scalars_and_lists_of_them_are_values() {
        assert_eq!(value(&json!(["a", 1, true])).unwrap(), r#"["a", 1, true]"#);
        assert_eq!(value(&json!([])).unwrap(), "[]");
        for none in [json!(null), json!({}), json!([null]), json!([["a"]])] {
            assert_eq!(value(&none), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_as_it_was(text in ".*", tricky in r#"[$%{}\\"'nu04\n]{0,24}"#) {
            prop_assert_eq!(read(&quoted(&text)), text);
            prop_assert_eq!(read(&quoted(&tricky)), tricky);
        }
    }
}
