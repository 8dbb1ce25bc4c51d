//! What an answer says about the tenant's limits: `x-ratelimit-*`, `Retry-After` and, to correct for
//! clocks that differ, `Date`.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::span_of_time::{after, until};

/// Clocks that differ by no more than this are taken to agree.
const SAME_CLOCK: Duration = Duration::from_secs(2);
/// A refill further off than this is not believed: Auth0 refills every second or minute.
const PLAUSIBLE_S: i64 = 3600;
/// Added to a refill's time, because clocks that agree still differ a little.
const MARGIN: Duration = Duration::from_millis(50);

/// One answer's word on our rate. Times are on our clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RateNote {
    /// Size of the bucket.
    pub limit: Option<u32>,
    /// What is left in it.
    pub remaining: Option<u32>,
    /// The next refill as the tenant states it, in Unix seconds: names the window.
    pub window: Option<i64>,
    /// The next refill on our clock; may be past.
    pub refill_at: Option<Timestamp>,
    /// From `Retry-After`; nothing when it is zero, which says nothing.
    pub retry_at: Option<Timestamp>,
}

impl RateNote {
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let date = text(headers, DATE.as_str()).and_then(http_date);
        let window = number(headers, "x-ratelimit-reset");
        Self {
            limit: number(headers, "x-ratelimit-limit").map(to_count),
            remaining: number(headers, "x-ratelimit-remaining").map(to_count),
            window,
            refill_at: window.and_then(|second| refill_at(second, date, now)),
            retry_at: retry_after(headers, date, now)
                .filter(|wait| !wait.is_zero())
                .map(|wait| after(now, wait)),
        }
    }
}

/// How long `Retry-After` (RFC 9110 section 10.2.3) asks us to wait.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    date: Option<Timestamp>,
    now: Timestamp,
) -> Option<Duration> {
    let text = text(headers, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = http_date(text)?;
    let there = date.filter(|date| !agree(*date, now)).unwrap_or(now);
    Some(until(there, then))
}

/// The refill on our clock: as stated when the clocks agree, else relative to the tenant's `Date`.
fn refill_at(second: i64, date: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let stated = Timestamp::from_second(second).ok()?;
    let is_plausible = |from: Timestamp| {
        (-PLAUSIBLE_S..=PLAUSIBLE_S).contains(&stated.duration_since(from).as_secs())
    };
    if let Some(date) = date.filter(|date| !agree(*date, now))
        && is_plausible(date)
    {
        return Some(after(now, until(date, stated) + MARGIN));
    }
    is_plausible(now).then(|| after(stated, MARGIN))
}

fn agree(date: Timestamp, now: Timestamp) -> bool {
    until(date, now) <= SAME_CLOCK && until(now, date) <= SAME_CLOCK
}

/// `Tue, 03 Nov 2026 10:00:00 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.parse().ok()
}

fn to_count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW_S: i64 = 1_793_700_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW_S).unwrap()
    }

    fn note(fields: &[(&'static str, &str)]) -> RateNote {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        RateNote::read(&headers, now())
    }

    fn date(offset_s: i64) -> String {
        let at = Timestamp::from_second(NOW_S + offset_s).unwrap();
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
    }

    fn wait_ms(at: Option<Timestamp>) -> Option<u128> {
        at.map(|at| until(now(), at).as_millis())
    }

    #[test]
    fn limits_are_read() {
        let note = note(&[("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "-1")]);
        assert_eq!((note.limit, note.remaining, note.refill_at), (Some(10), Some(0), None));
    }

    #[test]
    fn a_refill_is_on_our_clock_when_clocks_agree_and_relative_to_theirs_otherwise() {
        let reset = |in_s: i64| (NOW_S + in_s).to_string();
        let refill = |reset: &str, date: &str| {
            wait_ms(note(&[("x-ratelimit-reset", reset), ("date", date)]).refill_at)
        };
        assert_eq!(refill(&reset(5), &date(1)), Some(5050));
        assert_eq!(refill(&reset(5), &date(-2)), Some(5050));
        // Their clock is 100 s ahead: five seconds from their now.
        assert_eq!(refill(&reset(105), &date(100)), Some(5050));
        assert_eq!(refill(&reset(-95), &date(-100)), Some(5050));
        // Without a believable Date our own clock decides; without either, nothing does.
        assert_eq!(refill(&reset(5), &date(-100_000)), Some(5050));
        assert_eq!(refill(&reset(5), "yesterday"), Some(5050));
        assert_eq!(refill(&reset(100_000), &date(0)), None);
        assert_eq!(refill("9223372036854775807", &date(0)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let retry = |value: &str, date: &str| {
            wait_ms(note(&[("retry-after", value), ("date", date)]).retry_at)
        };
        assert_eq!(retry("7", &date(0)), Some(7000));
        assert_eq!(retry(" 7 ", &date(0)), Some(7000));
        assert_eq!(retry(&date(9), &date(0)), Some(9000));
        assert_eq!(retry(&date(109), &date(100)), Some(9000));
        assert_eq!(retry("0", &date(0)), None);
        assert_eq!(retry(&date(-9), &date(0)), None);
        assert_eq!(retry("soon", &date(0)), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(value in "\\PC{0,40}|[0-9]{1,25}|-[0-9]{1,25}") {
            let mut headers = HeaderMap::new();
            if let Ok(value) = value.parse::<reqwest::header::HeaderValue>() {
                for name in ["date", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining"] {
                    headers.insert(name, value.clone());
                }
            }
            let _ = RateNote::read(&headers, now());
        }
    }
}
