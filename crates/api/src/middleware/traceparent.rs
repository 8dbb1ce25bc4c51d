//! W3C Trace Context, level 1: the `traceparent` header. Invalid values are ignored, as the specification requires.

use http::HeaderMap;

/// The position of the request in a distributed trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traceparent {
    /// 32 lower-case hexadecimal digits.
    pub trace_id: String,
    /// 16 lower-case hexadecimal digits.
    pub parent_id: String,
}

impl Traceparent {
    /// Parses the header. None when absent, repeated or invalid.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent").iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        Self::parse(value.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let parent_id = hex(parts.next()?, 16)?;
        hex(parts.next()?, 2)?;
        // Version 00 ends here; later versions may continue after another dash.
        let is_known = version != "ff" && (version != "00" || parts.next().is_none());
        let is_zero = |digits: &str| digits.bytes().all(|b| b == b'0');
        let is_sound = is_known && !is_zero(trace_id) && !is_zero(parent_id);
        is_sound.then(|| Self { trace_id: trace_id.to_owned(), parent_id: parent_id.to_owned() })
    }
}

fn hex(text: &str, length: usize) -> Option<&str> {
    let is_hex = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (text.len() == length && is_hex).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_valid_header_is_read() {
        let read = Traceparent::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!((read.trace_id.as_str(), read.parent_id.as_str()), (TRACE, SPAN));
        assert!(Traceparent::parse(&format!("01-{TRACE}-{SPAN}-01-more")).is_some());
    }

    #[test]
    fn an_invalid_traceparent_is_ignored() {
        for text in [
            "",
            "00",
            &format!("ff-{TRACE}-{SPAN}-01"),
            &format!("00-{TRACE}-{SPAN}-01-more"),
            &format!("00-{TRACE}-{SPAN}"),
            &format!("00-{}-{SPAN}-01", "0".repeat(32)),
            &format!("00-{TRACE}-{}-01", "0".repeat(16)),
            &format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        ] {
            assert_eq!(Traceparent::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,80}") {
            let _ = Traceparent::parse(&text);
        }
    }
}
