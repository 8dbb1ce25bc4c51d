//! The `User-Agent`, by which a tenant's owner finds this service's calls in the Auth0 logs.

use reqwest::header::HeaderValue;

/// Maximum length of the caller's part; a UUID has 36.
const WHO_MAX: usize = 64;

/// Whether a configured product and version is valid in front of the parentheses.
pub(crate) fn is_product(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|b| (b.is_ascii_graphic() || b == b' ') && !matches!(b, b'(' | b')'))
}

/// `safe-auth0/0.1.0 (<who>)`. Drops characters that could end the comment or the header.
pub(crate) fn user_agent(product: &str, who: &str) -> HeaderValue {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let who: String = who.chars().filter(is_plain).take(WHO_MAX).collect();
    let text = if who.is_empty() { product.to_owned() } else { format!("{product} ({who})") };
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("safe-auth0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_user_agent_names_the_sync() {
        let id = "0199c0de-0000-7000-8000-000000000001";
        let agent = user_agent("safe-auth0/0.1.0", id);
        assert_eq!(agent.to_str().unwrap(), format!("safe-auth0/0.1.0 ({id})"));
        assert_eq!(user_agent("safe-auth0/0.1.0", "").to_str().unwrap(), "safe-auth0/0.1.0");
    }

    #[test]
    fn a_product_is_visible_and_has_no_parentheses() {
        assert!(is_product("safe-auth0/0.1.0"));
        for text in ["", "a(b)", "a\r\nb", "ä"] {
            assert!(!is_product(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_can_break_out_of_the_comment(who in "\\PC{0,100}|[\\x00-\\x7f]{0,100}") {
            let agent = user_agent("safe-auth0/0.1.0", &who);
            let text = agent.to_str().unwrap();
            let in_comment = text.strip_prefix("safe-auth0/0.1.0 (").and_then(|t| t.strip_suffix(')'));
            prop_assert!(text == "safe-auth0/0.1.0" || in_comment.is_some_and(|t| !t.contains(['(', ')'])));
        }
    }
}
