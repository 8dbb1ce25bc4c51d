//! STA-04: accounts are created but rarely used.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::window;
use crate::readings::DailyStats;

/// The window (specification, STA-04).
const DAYS: usize = 30;

const MIN_SIGNUPS: Threshold = Threshold {
    check: "signups-without-logins",
    name: "min_signups",
    title: "Never fails below so many signups in 30 days",
    unit: "signups",
    default: 50,
    min: 1,
    max: 1_000_000,
    not_above: None,
    source: "Specification, STA-04: fewer say nothing.",
};

const TIMES_THE_LOGINS: Threshold = Threshold {
    check: "signups-without-logins",
    name: "times_the_logins",
    title: "Fails when there are more signups for each login than",
    unit: "times",
    default: 5,
    min: 1,
    max: 1000,
    not_above: None,
    source: "Specification, STA-04.",
};

pub const CHECK: Check = Check {
    id: "signups-without-logins",
    version: 1,
    title: "Signups without logins",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    risk: "Accounts that are created and never used are mostly fake: they wait to be used for \
           spam or fraud, and each may cost money.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Logs",
        &[
            "Look at the addresses, e-mail domains and applications of the new accounts.",
            "Delete the fake ones; demand a verified e-mail address before an account can do \
             anything.",
            "Challenge signups with bot detection, and switch off public signup where nobody \
             needs it.",
        ],
    ),
    controls: &[&sets::STATISTICS, &sets::BOT_DETECTION],
    thresholds: &[&MIN_SIGNUPS, &TIMES_THE_LOGINS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let stats = tenant.read::<DailyStats>()?;
    let signups = window::sum(stats, tenant.observed_at, DAYS, |day| &day.signups)?;
    let logins = window::sum(stats, tenant.observed_at, DAYS, |day| &day.logins)?;
    let bound =
        (terms.value_of(&MIN_SIGNUPS) - 1).max(terms.value_of(&TIMES_THE_LOGINS) * logins.max(1));
    if signups <= bound {
        return Ok(Verdict::Pass);
    }
    let found = json!({"signups_30_days": signups, "logins_30_days": logins});
    let expected = json!({"signups_30_days": {"at_most": bound}});
    super::aggregates(CHECK.severity, found, expected).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    fifty_signups_without_logins_fail {
        [{"date": "2026-05-16T00:00:00.000Z", "signups": 49, "logins": 0}] => passes;
        [{"date": "2026-05-16T00:00:00.000Z", "signups": 50, "logins": 0}] => fails {
            "found": {"signups_30_days": 50, "logins_30_days": 0}, "expected": {"signups_30_days": {"at_most": 49}}};
    }
    more_than_five_signups_for_each_login_fail {
        [{"date": "2026-05-16T00:00:00.000Z", "signups": 100, "logins": 20}] => passes;
        [{"date": "2026-05-16T00:00:00.000Z", "signups": 101, "logins": 20}] => fails;
    }
    what_is_older_or_of_today_does_not_count {
        [{"date": "2026-05-15T00:00:00.000Z", "signups": 900, "logins": 0}],
        [{"date": "2026-06-15T00:00:00.000Z", "signups": 900, "logins": 0}] => passes;
    }
    a_missing_figure_is_unknown {
        [{"date": "2026-06-14T00:00:00.000Z", "signups": 900}] => unknown;
    }
}
