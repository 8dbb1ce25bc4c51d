//! `Accept` (RFC 9110 section 12.5.1): content negotiation.

use http::HeaderMap;
use http::header::ACCEPT;

/// The offered media type of the highest weight, then of the most specific range, then the first one offered.
/// Without `Accept` it is the first one. None when none is accepted.
pub fn preferred(headers: &HeaderMap, offered: &[&'static str]) -> Option<&'static str> {
    if !headers.contains_key(ACCEPT) {
        return offered.first().copied();
    }
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> =
        values.flat_map(|value| value.split(',')).filter_map(Range::read).collect();
    let rated = offered.iter().rev().filter_map(|offer| {
        // The most specific matching range has precedence (RFC 9110).
        let best = ranges.iter().filter_map(|range| Some((range.exactness(offer)?, range.weight)));
        let (exactness, weight) = best.max()?;
        (weight > 0).then_some(((weight, exactness), *offer))
    });
    // `max_by_key` returns the last of several maxima, hence `rev` above.
    rated.max_by_key(|(rating, _)| *rating).map(|(_, offer)| offer)
}

/// One media range of the header. Parameters other than the weight are ignored.
struct Range<'a> {
    name: &'a str,
    /// In thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    /// None for a malformed range, which is ignored.
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().filter(|name| name.contains('/'))?;
        let is_weight = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("q");
        let weight = parts.filter_map(|part| part.split_once('=')).find(is_weight);
        let weight = weight.map_or(Some(1000), |(_, text)| thousandths(text.trim()))?;
        Some(Self { name, weight })
    }

    /// How specific the range is. None when it does not match.
    fn exactness(&self, media_type: &str) -> Option<u8> {
        let (kind, _) = media_type.split_once('/')?;
        if self.name.eq_ignore_ascii_case(media_type) {
            return Some(2);
        }
        match self.name.split_once('/')? {
            ("*", "*") => Some(0),
            (named, "*") if named.eq_ignore_ascii_case(kind) => Some(1),
            _ => None,
        }
    }
}

/// `0`, `1`, or with a point and up to three digits; not above 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFERED: [&str; 2] = ["application/json", "application/x-ndjson"];
    const JSON: Option<&str> = Some(OFFERED[0]);
    const LINES: Option<&str> = Some(OFFERED[1]);

    fn negotiated(values: &[&str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        preferred(&headers, &OFFERED)
    }

    #[test]
    fn the_highest_weight_wins_then_the_more_exact_name_then_the_order_offered() {
        for (value, expected) in [
            ("*/*", JSON),
            ("application/*", JSON),
            ("application/json, application/x-ndjson", JSON),
            ("application/x-ndjson", LINES),
            ("Application/X-NDJSON ; Q=0.5", LINES),
            ("application/x-ndjson, */*", LINES),
            ("application/json, application/x-ndjson;q=0.1", JSON),
            ("application/json;q=0.1, application/x-ndjson;q=0.2", LINES),
            ("application/x-ndjson;q=0, */*", JSON),
            ("application/x-ndjson;q=0.000", None),
            ("application/json;q=0, */*", LINES),
            ("application/*;q=0, */*", None),
            ("text/html", None),
            ("application/x-ndjson;q=2, application/x-ndjson;q=0.1234, nothing", None),
            ("application/x-ndjson;version=1;q=0.9, application/json;q=0.899", LINES),
        ] {
            assert_eq!(negotiated(&[value]), expected, "{value}");
        }
        assert_eq!(negotiated(&[]), JSON);
        assert_eq!(negotiated(&["application/json;q=0.1", "application/x-ndjson"]), LINES);
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,60}") {
            let _ = Range::read(&text);
            let _ = thousandths(&text);
        }
    }
}
