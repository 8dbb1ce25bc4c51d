//! STA-02: far more leaked passwords are tried than usual.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::window;
use crate::readings::DailyStats;

const ALWAYS_FINE: Threshold = Threshold {
    check: "breached-password-wave",
    name: "always_fine",
    title: "Never fails up to so many leaked passwords in a week",
    unit: "leaked passwords",
    default: 10,
    min: 0,
    max: 1_000_000,
    not_above: None,
    source: "Specification, STA-02: so many are noise.",
};

const TIMES_THE_MEDIAN: Threshold = Threshold {
    check: "breached-password-wave",
    name: "times_the_median",
    title: "Fails when there are more than so many times those of the usual week",
    unit: "times",
    default: 3,
    min: 1,
    max: 1000,
    not_above: None,
    source: "Specification, STA-02.",
};

pub const CHECK: Check = Check {
    id: "breached-password-wave",
    version: 1,
    title: "A wave of breached passwords",
    severity: Severity::High,
    confidence: Confidence::Medium,
    risk: "Somebody tries a fresh list of leaked credentials against the tenant; even where each \
           is blocked, others of the list may work.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Logs",
        &[
            "Look at the addresses and applications of the events of type pwd_leak.",
            "Block the sources, and check that they had no successful logins.",
            "Tell the affected users, and force password resets where a login succeeded.",
        ],
    )
    .with_side_effects(SideEffects::on_users(
        "Users whose password is in a known breach have to choose another one.",
    )),
    controls: &[&sets::STATISTICS, &sets::BREACHED_PASSWORD],
    thresholds: &[&ALWAYS_FINE, &TIMES_THE_MEDIAN],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let (week, twice_median) = window::last_week_and_twice_the_median(
        tenant.read::<DailyStats>()?,
        tenant.observed_at,
        |day| &day.leaked_passwords,
    )?;
    let bound =
        terms.value_of(&ALWAYS_FINE).max(terms.value_of(&TIMES_THE_MEDIAN) * twice_median / 2);
    if week <= bound {
        return Ok(Verdict::Pass);
    }
    let found = json!({"leaked_passwords_7_days": week});
    let expected = json!({"leaked_passwords_7_days": {"at_most": bound}});
    super::aggregates(CHECK.severity, found, expected).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK with super::super::days;
    more_than_ten_in_a_quiet_tenant_fail {
        (days("leaked_passwords", &[("2026-06-14", 10)])) => passes;
        (days("leaked_passwords", &[("2026-06-08", 4), ("2026-06-14", 7)])) => fails {"at": "",
            "found": {"leaked_passwords_7_days": 11}, "expected": {"leaked_passwords_7_days": {"at_most": 10}}};
    }
    // Weeks of 10, 20, 31 and 40: the median is 25.5 and three times that 76.5.
    more_than_three_times_the_median_fail_in_a_busy_one {
        (days("leaked_passwords", &[("2026-05-12", 10), ("2026-05-19", 20), ("2026-05-26", 31),
            ("2026-06-02", 40), ("2026-06-10", 76)])) => passes;
        (days("leaked_passwords", &[("2026-05-12", 10), ("2026-05-19", 20), ("2026-05-26", 31),
            ("2026-06-02", 40), ("2026-06-10", 77)])) => fails;
    }
    a_missing_figure_in_the_five_weeks_is_unknown {
        [{"date": "2026-05-11T00:00:00.000Z"}] => unknown;
        [{"date": "2026-05-10T00:00:00.000Z"}] => passes;
    }
}
