//! Whether signups have spiked: far more on a day than usual.

use super::{EffectiveThresholds, Threshold, window};
use crate::inconclusive::Inconclusive;
use crate::readings::DailyStats;
use crate::tenant::Tenant;

/// The days before the last seven, as the baseline (specification, STA-03).
const DAYS_BEFORE: usize = 28;

const ALWAYS_FINE: Threshold = Threshold {
    check: "signup-spike",
    name: "always_fine",
    title: "Never fails up to so many signups on a day",
    unit: "signups",
    default: 20,
    min: 0,
    max: 1_000_000,
    not_above: None,
    source: "Specification, STA-03: so many are noise.",
};

const TIMES_THE_MEDIAN: Threshold = Threshold {
    check: "signup-spike",
    name: "times_the_median",
    title: "Fails when there are more than so many times those of the usual day",
    unit: "times",
    default: 5,
    min: 1,
    max: 1000,
    not_above: None,
    source: "Specification, STA-03.",
};

const DEVIATIONS: Threshold = Threshold {
    check: "signup-spike",
    name: "deviations",
    title: "Fails when they are above the mean by more than so many standard deviations",
    unit: "standard deviations",
    default: 3,
    min: 0,
    max: 100,
    not_above: None,
    source: "Specification, STA-03.",
};

pub const THRESHOLDS: &[&Threshold] = &[&ALWAYS_FINE, &TIMES_THE_MEDIAN, &DEVIATIONS];

/// The signups of the last seven days.
pub struct LastWeek {
    /// Of the highest day.
    pub most: u64,
    /// The maximum that is no spike.
    pub bound: u64,
}

impl LastWeek {
    pub const fn have_spiked(&self) -> bool {
        self.most > self.bound
    }
}

pub fn read(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Result<LastWeek, Inconclusive> {
    let stats = tenant.read::<DailyStats>()?;
    let days = DAYS_BEFORE + window::WEEK;
    let mut before = window::daily(stats, tenant.observed_at, days, |day| &day.signups)?;
    let week = before.split_off(DAYS_BEFORE);
    let most = week.into_iter().max().unwrap_or(0);
    Ok(LastWeek { most, bound: bound(&before, terms) })
}

/// The specification requires more than all three.
fn bound(before: &[u64], terms: EffectiveThresholds<'_>) -> u64 {
    let mut active: Vec<u64> = before.iter().copied().filter(|n| *n > 0).collect();
    let of_median = terms.value_of(&TIMES_THE_MEDIAN) * window::twice_the_median(&mut active) / 2;
    let of_mean = deviations_above_the_mean(before, terms.value_of(&DEVIATIONS));
    terms.value_of(&ALWAYS_FINE).max(of_median).max(of_mean)
}

/// Rounded down, exactly: (sum + √(times² (n Σx² − (Σx)²))) ÷ n, with the population's deviation.
fn deviations_above_the_mean(figures: &[u64], times: u64) -> u64 {
    let n = figures.len() as u128;
    let sum: u128 = figures.iter().map(|x| u128::from(*x)).sum();
    let squares: u128 = figures.iter().map(|x| u128::from(*x).pow(2)).sum();
    let above = (u128::from(times).pow(2) * (n * squares - sum.pow(2))).isqrt();
    u64::try_from((sum + above) / n.max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn bound_of(before: &[u64]) -> u64 {
        bound(before, EffectiveThresholds::under_policy(&Policy::default()))
    }

    #[test]
    fn five_times_the_median_of_the_active_days_is_a_bound() {
        assert_eq!(bound_of(&[[0; 26].as_slice(), &[10, 11]].concat()), 52);
        assert_eq!(bound_of(&[0; 28]), 20);
    }

    #[test]
    fn three_deviations_above_the_mean_is_a_bound() {
        // Mean 50, deviation 50.
        let figures: Vec<u64> = [0, 100].repeat(14);
        assert_eq!(deviations_above_the_mean(&figures, 3), 200);
        assert_eq!(deviations_above_the_mean(&[7; 28], 3), 7);
        assert_eq!(bound_of(&[[0; 26].as_slice(), &[30, 1_000]].concat()), 2_575);
        assert_eq!(deviations_above_the_mean(&[u64::from(u32::MAX); 28], 3), u64::from(u32::MAX));
    }
}
