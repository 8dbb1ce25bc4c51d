//! Redacts text from outside, to show it: short, on one line, without secrets, tokens and what looks like them.

mod encodings;

/// In characters.
const QUOTE_MAX: usize = 200;
/// Bytes of the text that are considered.
const LOOKED_AT: usize = 4096;
/// Auth0's secrets have 64 characters, and its client IDs, which are not secret, 32.
const SECRET_LENGTH: usize = 40;
const REDACTED: &str = "[removed]";
const SECRET_NAMES: [&str; 6] =
    ["client_secret", "access_token", "client_assertion", "refresh_token", "id_token", "bearer"];

/// An excerpt of `text`. Each of `secrets` is redacted wherever it occurs, in every known encoding.
pub(crate) fn redacted_excerpt(text: &str, secrets: &[&str]) -> String {
    let mut text = excerpt(text).to_owned();
    for secret in secrets {
        text = encodings::without(&text, secret, REDACTED);
    }
    let mut shown = String::new();
    let mut rest = text.as_str();
    let mut is_value = false;
    while !rest.is_empty() {
        let word_end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        let gap_end = after.find(is_word).unwrap_or(after.len());
        let (gap, next) = after.split_at(gap_end);
        shown.push_str(if !word.is_empty() && (is_value || looks_secret(word)) {
            REDACTED
        } else {
            word
        });
        shown
            .extend(gap.chars().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c }));
        is_value =
            SECRET_NAMES.contains(&word.to_ascii_lowercase().as_str()) && leads_to_value(gap);
        rest = next;
    }
    cut(shown.trim())
}

/// Cut between words, so that no part of a token remains unrecognised.
fn excerpt(text: &str) -> &str {
    if text.len() <= LOOKED_AT {
        return text;
    }
    let head = &text[..text.floor_char_boundary(LOOKED_AT)];
    head.trim_end_matches(|c: char| !c.is_whitespace())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '~')
}

fn looks_secret(word: &str) -> bool {
    word.len() >= SECRET_LENGTH || (word.len() >= 10 && word.starts_with("eyJ"))
}

fn leads_to_value(gap: &str) -> bool {
    !gap.is_empty() && gap.chars().all(|c| matches!(c, '=' | ':' | '"' | '\'' | ' '))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= QUOTE_MAX {
        return text.to_owned();
    }
    text.chars().take(QUOTE_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_auth0_stays_readable_after_redaction() {
        for text in [
            "Service not found: https://acme.eu.auth0.com/api/v2/",
            "Grant type 'client_credentials' not allowed for the client.",
            "Insufficient scope, expected any of: read:directory_provisionings",
            "Client AaZ0AaZ0AaZ0AaZ0AaZ0AaZ0AaZ0AaZ0 is not authorized",
        ] {
            assert_eq!(redacted_excerpt(text, &[]), text);
        }
    }

    #[test]
    fn tokens_secrets_and_line_breaks_are_redacted() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzY29wZSI6IngifQ.c2lnbmF0dXJl";
        let shown = redacted_excerpt(&format!("bad token {jwt}\r\nnext"), &[]);
        assert!(!shown.contains("eyJ") && !shown.contains('\n'), "{shown}");
        assert_eq!(
            redacted_excerpt("the secret hunter2 is wrong", &["hunter2"]),
            "the secret [removed] is wrong"
        );
        assert_eq!(
            redacted_excerpt(r#"{"client_secret": "short"}"#, &[]),
            r#"{"client_secret": "[removed]"}"#
        );
        assert_eq!(redacted_excerpt("Bearer abc", &[]), "Bearer [removed]");
        assert_eq!(redacted_excerpt(&"k".repeat(64), &[]), "[removed]");
        assert_eq!(redacted_excerpt(&"ab ".repeat(200), &[]).chars().count(), QUOTE_MAX);
    }

    #[test]
    fn encoded_secrets_are_redacted() {
        let text = "wrong: %68%75nter2, aHVudGVyMg==, 68756e74657232";
        assert_eq!(redacted_excerpt(text, &["hunter2"]), "wrong: [removed], [removed], [removed]");
    }

    proptest! {
        #[test]
        fn a_secret_never_shows(before in "\\PC{0,300}", secret in "[A-Za-z0-9_-]{40,80}", after in "\\PC{0,300}") {
            let shown = redacted_excerpt(&format!("{before}{secret}{after}"), &[&secret]);
            prop_assert!(!shown.contains(&secret));
            let unknown = redacted_excerpt(&format!("{before} {secret} {after}"), &[]);
            prop_assert!(!unknown.contains(&secret));
            prop_assert!(shown.chars().count() <= QUOTE_MAX && !shown.contains(char::is_control));
        }
    }
}
