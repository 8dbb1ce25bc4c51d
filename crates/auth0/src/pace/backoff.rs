//! Capped exponential backoff with full jitter.

use std::time::Duration;

use crate::pause::Chance;

/// The wait before try number `attempt + 1`: anything from nothing to `base × 2^(attempt − 1)`,
/// never more than `cap`.
pub(crate) fn full_jitter(
    attempt: u32,
    base: Duration,
    cap: Duration,
    chance: &dyn Chance,
) -> Duration {
    let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    chance.up_to(base.saturating_mul(doubled).min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pause::Randomness;
    use proptest::prelude::*;

    struct Most;
    impl Chance for Most {
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

    proptest! {
        #[test]
        fn a_wait_is_never_over_its_ceiling(attempt in 0_u32..100, base in 0_u64..10_000, cap in 0_u64..10_000) {
            let (base, cap) = (Duration::from_millis(base), Duration::from_millis(cap));
            let wait = full_jitter(attempt, base, cap, &Randomness);
            prop_assert!(wait <= cap && wait <= full_jitter(attempt, base, cap, &Most));
        }
    }
}
