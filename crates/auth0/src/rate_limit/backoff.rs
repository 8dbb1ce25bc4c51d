//! Capped exponential backoff with jitter, for transient faults and for 429s. `reading/run/backoff.rs` decides
//! whether a call is retried, `token/request.rs` for a token.

use std::time::Duration;

use crate::sleep::Jitter;

/// Minimum wait after a 429.
pub(crate) const MIN_WAIT: Duration = Duration::from_secs(1);
/// Maximum floor of the backoff of a 429: buckets are refilled every second or minute.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The wait after attempt number `attempt`: from zero to `base × 2^(attempt − 1)`, at most `cap`.
pub(crate) fn full_jitter(
    attempt: u32,
    base: Duration,
    cap: Duration,
    jitter: &dyn Jitter,
) -> Duration {
    jitter.up_to(doubled(base, attempt).min(cap))
}

/// The wait after this many consecutive 429s that state no time. The floor grows too, so that a minute has at most
/// seven calls whatever the jitter.
pub(crate) fn rate_limit_backoff(refusals: u32, jitter: &dyn Jitter) -> Duration {
    let floor = doubled(MIN_WAIT, refusals).min(MAX_WAIT);
    // Millisecond precision suffices.
    let wait = floor + jitter.up_to(floor);
    wait.saturating_sub(Duration::from_nanos(u64::from(wait.subsec_nanos() % 1_000_000)))
}

/// `base × 2^(attempt − 1)`.
fn doubled(base: Duration, attempt: u32) -> Duration {
    let factor = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    base.saturating_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sleep::RandomJitter;
    use proptest::prelude::*;

    struct Most;
    impl Jitter for Most {
        fn up_to(&self, ceiling: Duration) -> Duration {
            ceiling
        }
    }

    #[test]
    fn ceilings_double_up_to_the_cap() {
        let (base, cap) = (Duration::from_millis(250), Duration::from_secs(8));
        let ceilings =
            [1, 2, 3, 4, 5, 6, 7, 200].map(|n| full_jitter(n, base, cap, &Most).as_millis());
        assert_eq!(ceilings, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    }

    #[test]
    fn a_minute_of_429_costs_at_most_seven_calls() {
        struct Least;
        impl Jitter for Least {
            fn up_to(&self, _: Duration) -> Duration {
                Duration::ZERO
            }
        }
        let passed: Duration = (1..=6).map(|n| rate_limit_backoff(n, &Least)).sum();
        assert!(passed >= Duration::from_mins(1), "{passed:?}");
        let longest: Duration = (1..=6).map(|n| rate_limit_backoff(n, &Most)).sum();
        assert!(longest <= Duration::from_mins(3), "{longest:?}");
    }

    proptest! {
        #[test]
        fn the_backoff_of_a_429_is_between_a_second_and_a_minute(refusals in 0_u32..1000) {
            let wait = rate_limit_backoff(refusals, &RandomJitter);
            prop_assert!(wait >= MIN_WAIT && wait <= 2 * MAX_WAIT);
        }

        #[test]
        fn a_wait_is_never_over_its_ceiling(attempt in 0_u32..100, base in 0_u64..10_000, cap in 0_u64..10_000) {
            let (base, cap) = (Duration::from_millis(base), Duration::from_millis(cap));
            let wait = full_jitter(attempt, base, cap, &RandomJitter);
            prop_assert!(wait <= cap && wait <= full_jitter(attempt, base, cap, &Most));
        }
    }
}
