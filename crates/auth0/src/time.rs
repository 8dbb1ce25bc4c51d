//! Arithmetic on instants that saturates instead of panicking.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Saturates at the last instant.
pub(crate) fn saturating_add(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| at.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Zero if `then` is in the past.
pub(crate) fn time_until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// Whole milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Rounds up to whole seconds, for people.
pub(crate) fn ceil_to_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second().saturating_add(up)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_times_need_no_wait_and_far_future_times_saturate() {
        let now = Timestamp::UNIX_EPOCH;
        let later = saturating_add(now, Duration::from_secs(5));
        assert_eq!(time_until(now, later), Duration::from_secs(5));
        assert_eq!(time_until(later, now), Duration::ZERO);
        assert_eq!(saturating_add(now, Duration::MAX), Timestamp::MAX);
    }
}
