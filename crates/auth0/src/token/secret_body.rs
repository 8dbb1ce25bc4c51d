//! The body of a token request, which contains the client secret: one buffer that never moves and is zeroed when
//! dropped. Copies in the HTTP and TLS libraries are beyond its reach.

use bytes::Bytes;
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded::Serializer;

/// The fields as `application/x-www-form-urlencoded`.
pub(crate) fn form(fields: &[(&str, &str)]) -> Bytes {
    // Each byte takes at most three, and each field a `=` and a `&`: growing would leave a copy in memory.
    let room = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut serializer = Serializer::new(String::with_capacity(room));
    serializer.extend_pairs(fields);
    Bytes::from_owner(Zeroizing::new(serializer.finish().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_form_is_escaped() {
        let body = form(&[("client_id", "a b"), ("client_secret", "p&q=r%+\u{e9}~*")]);
        assert_eq!(body, "client_id=a+b&client_secret=p%26q%3Dr%25%2B%C3%A9%7E*");
        assert_eq!(form(&[]), "");
    }

    #[test]
    fn the_buffer_never_grows() {
        let worst = "\u{1}".repeat(1024);
        let fields = [("client_secret", worst.as_str()), ("audience", worst.as_str())];
        let room: usize = fields.iter().map(|(n, v)| 3 * (n.len() + v.len()) + 2).sum();
        assert!(form(&fields).len() <= room);
    }
}
