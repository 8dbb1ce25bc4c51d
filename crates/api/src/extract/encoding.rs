//! Percent-encoding (RFC 3986 section 2.1) and the form encoding that queries and forms add to it.

use secrecy::zeroize::Zeroizing;

/// Why a text cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingError {
    /// A `%` without two hexadecimal digits behind it.
    BrokenEscape,
    /// The decoded bytes are no UTF-8.
    NotUtf8,
}

impl EncodingError {
    /// What is wrong, and how to fix it.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::BrokenEscape => "has a % without two hexadecimal digits: send a % as %25",
            Self::NotUtf8 => "is not UTF-8",
        }
    }
}

/// Decodes one value of `application/x-www-form-urlencoded`. It may be a secret.
pub fn form_decode(encoded: &[u8]) -> Result<Zeroizing<String>, EncodingError> {
    // The whole room at once: growing would leave a copy of the plain text behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        plain.push(match first {
            b'+' => b' ',
            b'%' => {
                let (byte, after) = escaped(rest).ok_or(EncodingError::BrokenEscape)?;
                rest = after;
                byte
            }
            plain => *plain,
        });
    }
    let text = std::str::from_utf8(&plain).map_err(|_| EncodingError::NotUtf8)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whether each `%` is followed by two hexadecimal digits.
pub fn has_sound_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| escaped(rest.as_bytes()).is_some())
}

fn escaped(after_percent: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = after_percent.split_at_checked(2)?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?;
    Some((byte, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percent_sign_needs_two_hexadecimal_digits() {
        for (text, plain) in [("", ""), ("a+b", "a b"), ("%41%c3%A9", "Aé"), ("%25zz", "%zz")] {
            assert_eq!(form_decode(text.as_bytes()).unwrap().as_str(), plain);
            assert!(has_sound_escapes(text), "{text}");
        }
        for text in ["%", "%4", "%zz", "%%41", "a%+1", "%4é"] {
            assert_eq!(form_decode(text.as_bytes()), Err(EncodingError::BrokenEscape), "{text}");
            assert!(!has_sound_escapes(text), "{text}");
        }
        assert_eq!(form_decode(b"%FF"), Err(EncodingError::NotUtf8));
    }

    proptest! {
        #[test]
        fn percent_encoding_round_trips(text in "\\PC{0,60}") {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            prop_assert!(has_sound_escapes(&encoded));
            let decoded = form_decode(encoded.as_bytes()).unwrap();
            prop_assert_eq!(decoded.as_str(), text);
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let is_broken = form_decode(&bytes) == Err(EncodingError::BrokenEscape);
                prop_assert_eq!(has_sound_escapes(text), !is_broken);
            }
        }
    }
}
