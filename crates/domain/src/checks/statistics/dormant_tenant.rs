//! STA-05: the tenant is unused but still open.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::checks::window;
use crate::readings::{ActiveUsers, DailyStats};

const DAYS: Threshold = Threshold {
    check: "dormant-tenant",
    name: "days",
    title: "Fails when nobody has logged in for",
    unit: "days",
    default: 90,
    min: 1,
    max: 365,
    not_above: None,
    source: "Specification, STA-05. Auth0's figures are asked for 400 days.",
};

pub const CHECK: Check = Check {
    id: "dormant-tenant",
    version: 1,
    title: "The tenant is dormant and still open",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Nobody watches a tenant that nobody uses, while its applications, keys and \
           administrators still open doors.",
    resource: RESOURCE,
    reads: &[KIND, ReadingKind::ActiveUsers],
    parents: &[],
    remediation: &super::remediation(
        "Settings > General",
        &[
            "Ask whether anybody still needs the tenant.",
            "If not, delete it; until then rotate the secrets of its applications and remove its \
             administrators.",
        ],
    ),
    controls: &[&sets::STATISTICS],
    thresholds: &[&DAYS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    let stats = tenant.read::<DailyStats>()?;
    let days = terms.value_of(&DAYS);
    // A tenant without a history is new and not dormant.
    applies_when(unknown::any(
        stats
            .0
            .iter()
            .map(|day| Ok(window::age_days(day, tenant.observed_at)? > days.cast_signed())),
    )?)?;
    let ActiveUsers(users) = tenant.read()?;
    if users.0 > 0 {
        return Ok(Verdict::Pass);
    }
    let window = usize::try_from(days).unwrap_or(usize::MAX);
    let logins = window::sum(stats, tenant.observed_at, window, |day| &day.logins)?;
    if logins > 0 {
        return Ok(Verdict::Pass);
    }
    let logins = format!("logins_{days}_days");
    let found = json!({"active_users": 0, &logins: 0});
    let expected = json!({"active_users": {"at_least": 1}, &logins: {"at_least": 1}});
    super::aggregates(CHECK.severity, found, expected).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK with super::super::days;
    // 2026-03-17 is the first of the 90 days before 2026-06-15.
    ninety_days_without_a_login_fail {
        {"": (days("logins", &[("2026-03-16", 500)])), "active_users": 0}
            => fails {"found": {"active_users": 0, "logins_90_days": 0}};
        {"": (days("logins", &[("2026-03-16", 500), ("2026-03-17", 1)])), "active_users": 0} => passes;
        {"": (days("logins", &[("2026-03-16", 500)])), "active_users": 1} => passes;
    }
    a_tenant_without_a_history_has_nothing_to_judge {
        {"": [], "active_users": 0}, {"": (days("logins", &[("2026-03-17", 0)])), "active_users": 0} => feature_off;
    }
    a_row_without_a_date_is_unknown {
        {"": [{"date": "2026-03-16T00:00:00Z", "logins": 1}, {"logins": 0}], "active_users": 0} => unknown;
    }
}
