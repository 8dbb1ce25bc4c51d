//! The rate limit headers of a response (`x-ratelimit-*`, `Retry-After`, and `Date` to correct for clock skew), and when
//! to call again after a 429: the one place where that is computed.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::rate_limit::backoff::{MIN_WAIT, rate_limit_backoff};
use crate::sleep::Jitter;
use crate::time::{saturating_add, time_until};

/// Smaller differences between the clocks are ignored.
const MAX_SKEW_IGNORED: Duration = Duration::from_secs(2);
/// A refill further away is ignored: Auth0 refills every second or minute.
const PLAUSIBLE_S: i64 = 3600;
/// Maximum wait for the `x-ratelimit-reset` of a 429: a later one comes from a wrong clock.
pub(crate) const RESET_MAX: Duration = Duration::from_mins(10);
/// Added to times that the tenant states: they are in whole seconds, and its clock may be behind.
pub(crate) const CLOCK_MARGIN: Duration = Duration::from_secs(1);

/// The rate limit headers of one response. Times are on this process's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RateLimitHeaders {
    /// Capacity of the bucket.
    pub limit: Option<u32>,
    pub remaining: Option<u32>,
    /// The next refill as the tenant states it, in Unix seconds; identifies the window.
    pub window: Option<i64>,
    /// The next refill on this process's clock; may be in the past.
    pub reset_at: Option<Timestamp>,
    /// From `Retry-After`. None: zero or in the past.
    pub retry_after: Option<Timestamp>,
}

impl RateLimitHeaders {
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let date = text(headers, DATE.as_str()).and_then(http_date);
        let window = number(headers, "x-ratelimit-reset");
        Self {
            limit: number(headers, "x-ratelimit-limit").map(to_count),
            remaining: number(headers, "x-ratelimit-remaining").map(to_count),
            window,
            reset_at: window.and_then(|second| reset_at(second, date, now)),
            retry_after: retry_after(headers, date, now)
                .filter(|wait| !wait.is_zero())
                .map(|wait| saturating_add(now, wait)),
        }
    }

    /// When the tenant allows the next call after a 429: by `Retry-After`, otherwise by the reset; at most `longest`
    /// from now. None: it states no time, or a past one.
    pub fn stated_retry_at(&self, now: Timestamp, longest: Duration) -> Option<Timestamp> {
        let reset = || {
            self.reset_at
                .map(|at| saturating_add(at, CLOCK_MARGIN).min(saturating_add(now, RESET_MAX)))
        };
        let stated = self.retry_after.or_else(reset).filter(|at| *at > now)?;
        Some(stated.min(saturating_add(now, longest)))
    }

    /// When to call again after this many consecutive 429s: at the stated time, but not before [`MIN_WAIT`]. An
    /// exponential backoff if the tenant states no time, or refused again at the stated time.
    pub fn retry_at(
        &self,
        refusals: u32,
        now: Timestamp,
        longest: Duration,
        jitter: &dyn Jitter,
    ) -> Timestamp {
        let stated =
            self.stated_retry_at(now, longest).map(|at| at.max(saturating_add(now, MIN_WAIT)));
        let backoff =
            || saturating_add(now, rate_limit_backoff(refusals, jitter).min(longest.max(MIN_WAIT)));
        match stated {
            Some(stated) if refusals <= 1 => stated,
            Some(stated) => stated.max(backoff()),
            None => backoff(),
        }
    }
}

/// The wait of `Retry-After` (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap, date: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
    let text = text(headers, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = http_date(text)?;
    let there = date.filter(|date| !agree(*date, now)).unwrap_or(now);
    let wait = time_until(there, then);
    Some(if wait.is_zero() { wait } else { wait + CLOCK_MARGIN })
}

/// The refill on this process's clock: as stated if the clocks agree, otherwise relative to the tenant's `Date`.
fn reset_at(second: i64, date: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let stated = Timestamp::from_second(second).ok()?;
    let is_plausible = |from: Timestamp| {
        (-PLAUSIBLE_S..=PLAUSIBLE_S).contains(&stated.duration_since(from).as_secs())
    };
    if let Some(date) = date.filter(|date| !agree(*date, now))
        && is_plausible(date)
    {
        return Some(saturating_add(now, time_until(date, stated)));
    }
    is_plausible(now).then_some(stated)
}

fn agree(date: Timestamp, now: Timestamp) -> bool {
    time_until(date, now) <= MAX_SKEW_IGNORED && time_until(now, date) <= MAX_SKEW_IGNORED
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

    fn read(fields: &[(&'static str, &str)]) -> RateLimitHeaders {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        RateLimitHeaders::read(&headers, now())
    }

    fn date(offset_s: i64) -> String {
        let at = Timestamp::from_second(NOW_S + offset_s).unwrap();
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
    }

    fn wait_ms(at: Option<Timestamp>) -> Option<u128> {
        at.map(|at| time_until(now(), at).as_millis())
    }

    const LONGEST: Duration = Duration::from_hours(24);

    #[test]
    fn limits_are_read() {
        let read = read(&[("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "-1")]);
        assert_eq!((read.limit, read.remaining, read.reset_at), (Some(10), Some(0), None));
    }

    #[test]
    fn a_reset_is_on_our_clock_when_clocks_agree_and_relative_to_theirs_otherwise() {
        let reset = |in_s: i64| (NOW_S + in_s).to_string();
        let wait = |reset: &str, date: &str| {
            wait_ms(read(&[("x-ratelimit-reset", reset), ("date", date)]).reset_at)
        };
        assert_eq!(wait(&reset(5), &date(1)), Some(5000));
        assert_eq!(wait(&reset(5), &date(-2)), Some(5000));
        // Their clock is 100 s ahead: five seconds from their now.
        assert_eq!(wait(&reset(105), &date(100)), Some(5000));
        assert_eq!(wait(&reset(-95), &date(-100)), Some(5000));
        // Without a believable Date our own clock decides; without either, nothing does.
        assert_eq!(wait(&reset(5), &date(-100_000)), Some(5000));
        assert_eq!(wait(&reset(5), "yesterday"), Some(5000));
        assert_eq!(wait(&reset(100_000), &date(0)), None);
        assert_eq!(wait("9223372036854775807", &date(0)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let retry = |value: &str, date: &str| {
            wait_ms(read(&[("retry-after", value), ("date", date)]).retry_after)
        };
        assert_eq!(retry("7", &date(0)), Some(7000));
        assert_eq!(retry(" 7 ", &date(0)), Some(7000));
        assert_eq!(retry(&date(9), &date(0)), Some(10_000));
        assert_eq!(retry(&date(109), &date(100)), Some(10_000));
        for nothing in ["0", "-5", "NaN", "soon", "", &date(-9)] {
            assert_eq!(retry(nothing, &date(0)), None, "{nothing}");
        }
    }

    #[test]
    fn a_retry_time_is_respected_up_to_a_cap() {
        let wait_s = |fields: &[(&'static str, &str)]| {
            read(fields).stated_retry_at(now(), LONGEST).map(|at| time_until(now(), at).as_secs())
        };
        assert_eq!(wait_s(&[("retry-after", "600")]), Some(600));
        assert_eq!(wait_s(&[("retry-after", "99999999999")]), Some(24 * 3600));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793700007")]), Some(8));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793703000")]), Some(600));
        assert_eq!(wait_s(&[("retry-after", "5"), ("x-ratelimit-reset", "1793700007")]), Some(5));
        // Now: a clock that is one second behind ours.
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793700000")]), Some(1));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793699880")]), None);
        assert_eq!(wait_s(&[]), None);
    }

    struct Least;
    impl Jitter for Least {
        fn up_to(&self, _: Duration) -> Duration {
            Duration::ZERO
        }
    }

    #[test]
    fn each_consecutive_429_lengthens_the_wait() {
        let waits = |fields: &[(&'static str, &str)]| {
            let headers = read(fields);
            let wait = |n| time_until(now(), headers.retry_at(n, now(), LONGEST, &Least)).as_secs();
            [1, 2, 3, 4, 5, 6, 7].map(wait)
        };
        assert_eq!(waits(&[]), [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(waits(&[("x-ratelimit-reset", "1793700000")]), [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(waits(&[("retry-after", "5")]), [5, 5, 5, 8, 16, 30, 30]);
    }

    #[test]
    fn an_imminent_reset_is_waited_for_one_second() {
        let now = Timestamp::from_millisecond(NOW_S * 1000 + 900).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", NOW_S.into());
        let read = RateLimitHeaders::read(&headers, now);
        let stated = read.stated_retry_at(now, LONGEST).map(|at| time_until(now, at).as_millis());
        assert_eq!(stated, Some(100));
        assert_eq!(time_until(now, read.retry_at(1, now, LONGEST, &Least)), MIN_WAIT);
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
            let _ = RateLimitHeaders::read(&headers, now());
        }

        /// Whatever the headers are, the next call is at least a second away and no further than the cap.
        #[test]
        fn the_wait_after_a_429_is_between_one_second_and_the_cap(
            retry_after in "[0-9]{0,12}|-[0-9]{1,5}|NaN|soon",
            reset_in in -4000_i64..4000,
            date_in in -200_i64..200,
            refusals in 0_u32..200,
            longest_s in 0_u64..100_000,
            millis in 0_i64..1000,
        ) {
            let now = Timestamp::from_millisecond(NOW_S * 1000 + millis).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
            headers.insert("x-ratelimit-reset", (NOW_S + reset_in).into());
            headers.insert(DATE, date(date_in).parse().unwrap());
            let longest = Duration::from_secs(longest_s);
            let read = RateLimitHeaders::read(&headers, now);
            let wait = time_until(now, read.retry_at(refusals, now, longest, &crate::sleep::RandomJitter));
            prop_assert!(wait >= MIN_WAIT, "{wait:?}");
            prop_assert!(wait <= longest.max(MIN_WAIT), "{wait:?}");
        }
    }
}
