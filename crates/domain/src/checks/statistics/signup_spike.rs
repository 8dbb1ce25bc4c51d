//! STA-03: far more signups on a day than usual.

use super::{KIND, RESOURCE, window};
use crate::checks::bot_detection::{
    bot_detection_off, bot_detection_password_login_not_challenged,
    bot_detection_password_reset_not_challenged, bot_detection_passwordless_not_challenged,
};
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::{
    suspicious_ip_not_throttled, suspicious_ip_signup_threshold_high,
    suspicious_ip_throttling_monitoring_only, suspicious_ip_throttling_off,
};
use crate::checks::three_valued;
use crate::readings::DailyStats;

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

pub const CHECK: Check = Check {
    id: "signup-spike",
    version: 1,
    title: "A spike of signups",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    risk: "A program creates accounts in bulk: for spam, for free trials, or to hide attacks \
           among them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Logs",
        &[
            "Look at the addresses, e-mail domains and applications of the signups of that day.",
            "Delete or block the accounts that are fake.",
            "Challenge signups with bot detection, and lower the signup thresholds of suspicious \
             IP throttling.",
        ],
    ),
    controls: &[&sets::STATISTICS, &sets::BOT_DETECTION],
    thresholds: &[&ALWAYS_FINE, &TIMES_THE_MEDIAN, &DEVIATIONS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

pub fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let stats = tenant.read::<DailyStats>()?;
    let days = DAYS_BEFORE + window::WEEK;
    let mut before = window::daily(stats, tenant.observed_at, days, |day| &day.signups)?;
    let week = before.split_off(DAYS_BEFORE);
    let most = week.into_iter().max().unwrap_or(0);
    let bound = bound(&before, terms);
    if most <= bound {
        return Ok(Verdict::Pass);
    }
    let found = json!({"signups_highest_day_of_7": most});
    let expected = json!({"signups_highest_day_of_7": {"at_most": bound}});
    let [severity, at_worst] = severity(tenant, terms);
    super::aggregates(severity, found, expected).or_worse(at_worst).into_failure()
}

/// The maximum that is no spike: the specification requires more than all three.
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

/// Worse if signups are not restrained. If that is unknown, the lower severity applies, and the higher one is the
/// highest possible.
fn severity(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> [Severity; 2] {
    let weaknesses = [
        &suspicious_ip_throttling_off::CHECK,
        &suspicious_ip_throttling_monitoring_only::CHECK,
        &suspicious_ip_not_throttled::CHECK,
        &bot_detection_off::CHECK,
        &bot_detection_password_login_not_challenged::CHECK,
        &bot_detection_passwordless_not_challenged::CHECK,
        &bot_detection_password_reset_not_challenged::CHECK,
        &suspicious_ip_signup_threshold_high::CHECK,
    ];
    let judged = weaknesses.map(|check| check.judge_one(tenant, terms));
    three_valued::aggravated([CHECK.severity, Severity::High], &judged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge, reading, readings, unknown, violation};
    use crate::policy::Policy;

    fn bound_of(before: &[u64]) -> u64 {
        bound(before, EffectiveThresholds::under_policy(&Policy::default()))
    }

    fn with(figures: &[(&str, u64)]) -> Judgement {
        judge(&CHECK, reading(KIND, rows(figures)))
    }

    fn rows(figures: &[(&str, u64)]) -> serde_json::Value {
        super::super::days("signups", figures)
    }

    #[test]
    fn more_than_twenty_a_day_in_a_quiet_tenant_fail() {
        assert_eq!(with(&[("2026-06-14", 20)]), PASS);
        assert_eq!(with(&[("2026-06-07", 500)]), PASS);
        let judged = with(&[("2026-06-08", 21), ("2026-06-14", 3)]);
        let (_, found, expected) = evidence(judged.clone());
        assert_eq!(found, json!({"signups_highest_day_of_7": 21}));
        assert_eq!(expected, json!({"signups_highest_day_of_7": {"at_most": 20}}));
        assert_eq!(
            (violation(judged.clone()).severity, violation(judged).change),
            (Severity::Medium, None)
        );
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

    #[test]
    fn an_open_door_makes_it_high_and_an_unread_one_does_not() {
        let severity_with = |kind, body| {
            let tenant = readings(&[(KIND, rows(&[("2026-06-14", 900)])), (kind, body)]);
            violation(judge(&CHECK, tenant)).severity
        };
        let sip = ReadingKind::SuspiciousIpThrottling;
        assert_eq!(severity_with(sip, json!({"enabled": false})), Severity::High);
        assert_eq!(
            severity_with(sip, json!({"enabled": true, "shields": ["block"]})),
            Severity::Medium
        );
        let loose = json!({"stage": {"pre-user-registration": {"max_attempts": 51}}});
        assert_eq!(severity_with(sip, loose), Severity::High);
        let bots = json!({"challenge_passwordless_policy": "never"});
        assert_eq!(severity_with(ReadingKind::BotDetection, bots), Severity::High);
    }

    #[test]
    fn a_missing_figure_in_the_window_is_unknown() {
        let inside = json!([{"date": "2026-05-11T00:00:00.000Z"}]);
        assert_eq!(judge(&CHECK, reading(KIND, inside)), unknown());
        let before = json!([{"date": "2026-05-10T00:00:00.000Z"}]);
        assert_eq!(judge(&CHECK, reading(KIND, before)), PASS);
    }
}
