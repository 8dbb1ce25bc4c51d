//! STA-07: the statistics of a busy tenant are out of date.

use jiff::{SignedDuration, Timestamp};

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{ActiveUsers, DailyStats};

const MAX_HOURS: Threshold = Threshold {
    check: "statistics-stale",
    name: "max_hours",
    title: "Fails when the newest figures are older than",
    unit: "hours",
    default: 48,
    min: 1,
    max: 8760,
    not_above: None,
    source: "Specification, STA-07; Auth0 counts every hour.",
};

const MIN_USERS: Threshold = Threshold {
    check: "statistics-stale",
    name: "min_users",
    title: "Never fails below so many",
    unit: "active users",
    default: 1000,
    min: 0,
    max: 1_000_000_000,
    not_above: None,
    source: "Specification, STA-07: with fewer a quiet weekend may leave no row at all.",
};

pub const CHECK: Check = Check {
    id: "statistics-stale",
    version: 1,
    title: "The statistics are stale",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "The checks on statistics look at old figures, so an attack of these days would not \
           show in them.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::ActiveUsers],
    parents: &[],
    remediation: &super::remediation(
        "Activity",
        &[
            "Look at the activity page: if it is as old, ask Auth0 support why the statistics are \
             not updated.",
            "Until then look at the tenant log itself.",
        ],
    ),
    controls: &[&sets::STATISTICS],
    thresholds: &[&MAX_HOURS, &MIN_USERS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    let ActiveUsers(users) = tenant.read()?;
    if users.0 < terms.value_of(&MIN_USERS) {
        return Ok(Verdict::Pass);
    }
    let hours = terms.value_of(&MAX_HOURS);
    let oldest = SignedDuration::from_hours(hours.cast_signed());
    let is_fresh = |at: &Timestamp| tenant.observed_at.duration_since(*at) <= oldest;
    let rows = &tenant.read::<DailyStats>()?.0;
    if unknown::any(rows.iter().map(|day| day.updated_at.known().map(is_fresh)))? {
        return Ok(Verdict::Pass);
    }
    let newest = rows.iter().filter_map(|day| day.updated_at.ok()).max();
    // A busy tenant without a row has no age to evaluate.
    let newest = newest.ok_or(Inconclusive::Unknown(UnknownReason::NotUnderstood))?;
    // The age is not shown: each sync of the same statistics would differ from the last.
    let found = json!({"newest_updated_at": newest, "active_users": users});
    let expected = json!({"hours_since_newest_updated_at": {"at_most": hours}});
    super::aggregates(CHECK.severity, found, expected).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    more_than_two_days_fail_in_a_busy_tenant {
        {"": [{"updated_at": "2026-06-13T12:00:00Z"}], "active_users": 1_000} => passes;
        {"": [{"updated_at": "2026-06-13T11:59:59Z"}, {"updated_at": "2026-06-01T00:00:00Z"}], "active_users": 1_000}
            => fails {"found": {"newest_updated_at": "2026-06-13T11:59:59Z", "active_users": 1_000},
                "expected": {"hours_since_newest_updated_at": {"at_most": 48}}};
        {"": [{"updated_at": "2026-01-01T00:00:00Z"}], "active_users": 999} => passes;
    }
    what_is_missing_or_mistyped_is_unknown_unless_another_row_is_fresh {
        {"": [{"updated_at": "2026-06-01T00:00:00Z"}, {"updated_at": "yesterday"}], "active_users": 1_000} => unknown;
        {"": [{"updated_at": "2026-06-15T00:00:00Z"}, {"updated_at": "yesterday"}], "active_users": 1_000} => passes;
        {"": [], "active_users": 1_000} => unknown;
    }
}
