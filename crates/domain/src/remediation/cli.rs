//! A call as a command of Auth0's CLI (`auth0 api <method> <path> --data <JSON>`, auth0/auth0-cli),
//! for a POSIX shell.

use std::fmt::Write;

use super::{BASE, Call};
use crate::checks::Method;

/// One line. The path has nothing that means anything to a shell: ids in it are percent-encoded.
pub(super) fn command(call: &Call) -> String {
    let method = match call.method {
        Method::Patch => "patch",
        Method::Put => "put",
    };
    let path = call.path.strip_prefix(BASE).unwrap_or(&call.path);
    let body = ascii(call.body.to_string());
    format!("auth0 api {method} \"{path}\" --data {}", quoted(&body))
}

/// A word for a POSIX shell: between single quotes nothing is special but the quote itself.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The same JSON without what a terminal may take for a command or show in another order: only
/// strings have such characters, and there an escape means the same. Writing to a string cannot fail.
fn ascii(json: String) -> String {
    if json.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control()) {
        return json;
    }
    let mut plain = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && !character.is_ascii_control() {
            plain.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(plain, "\\u{unit:04x}");
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use serde_json::{Value, json};

    use super::*;

    fn patch(body: Value) -> String {
        let path = "/api/v2/attack-protection/brute-force-protection".to_owned();
        command(&Call { method: Method::Patch, path, body })
    }

    /// What a POSIX shell makes of one word of single quotes and escaped quotes.
    fn unquoted(word: &str) -> String {
        let mut text = String::new();
        let mut rest = word;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(r"\'") {
                text.push('\'');
                rest = after;
            } else {
                let (inside, after) = rest.strip_prefix('\'').unwrap().split_once('\'').unwrap();
                text.push_str(inside);
                rest = after;
            }
        }
        text
    }

    #[test]
    fn a_call_is_one_command() {
        let expected = "auth0 api patch \"attack-protection/brute-force-protection\" \
                        --data '{\"enabled\":true}'";
        assert_eq!(patch(json!({"enabled": true})), expected);
        let path = "/api/v2/guardian/policies".to_owned();
        let put = Call { method: Method::Put, path, body: json!(["all-applications"]) };
        assert_eq!(
            put.auth0_cli(),
            "auth0 api put \"guardian/policies\" --data '[\"all-applications\"]'"
        );
    }

    #[test]
    fn a_quote_ends_nothing() {
        let command = patch(json!({"allowlist": ["'; rm -rf ~; '"]}));
        assert!(
            command.ends_with(r#"--data '{"allowlist":["'\''; rm -rf ~; '\''"]}'"#),
            "{command}"
        );
    }

    proptest! {
        #[test]
        fn the_shell_hands_over_the_same_json(text in any::<String>()) {
            let body = json!({"member": text});
            let command = patch(body.clone());
            prop_assert!(command.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            let word = command.split_once("--data ").unwrap().1;
            prop_assert_eq!(serde_json::from_str::<Value>(&unquoted(word)).unwrap(), body);
        }
    }
}
