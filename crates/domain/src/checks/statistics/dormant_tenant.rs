//! STA-05: nobody uses the tenant, and it is still open.

use super::{KIND, RESOURCE, window};
use crate::checks::prelude::*;
use crate::checks::three_valued;
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
    three_valued::all_read(tenant, CHECK.reads)?;
    let stats = tenant.read::<DailyStats>()?;
    let days = terms.value_of(&DAYS);
    // A tenant without a history is new, not dormant.
    applies_when(three_valued::any(
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
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, feature_off, judge, readings, unknown};

    fn with(users: u64, figures: &[(&str, u64)]) -> Judgement {
        judge(&CHECK, readings(&[(KIND, rows(figures)), (ReadingKind::ActiveUsers, json!(users))]))
    }

    fn rows(figures: &[(&str, u64)]) -> serde_json::Value {
        figures
            .iter()
            .map(|(date, n)| json!({"date": format!("{date}T00:00:00.000Z"), "logins": n}))
            .collect()
    }

    #[test]
    fn ninety_days_without_a_login_fail() {
        // 2026-03-17 is the first of the 90 days before 2026-06-15.
        let judged = with(0, &[("2026-03-16", 500)]);
        assert_eq!(evidence(judged).1, json!({"active_users": 0, "logins_90_days": 0}));
        assert_eq!(with(0, &[("2026-03-16", 500), ("2026-03-17", 1)]), PASS);
    }

    #[test]
    fn one_active_user_passes() {
        assert_eq!(with(1, &[("2026-03-16", 500)]), PASS);
    }

    #[test]
    fn a_tenant_without_a_history_has_nothing_to_judge() {
        assert_eq!(with(0, &[]), feature_off());
        assert_eq!(with(0, &[("2026-03-17", 0)]), feature_off());
    }

    #[test]
    fn what_is_missing_or_unread_is_unknown() {
        let rows_only = readings(&[(KIND, rows(&[("2026-03-16", 500)]))]);
        assert!(matches!(judge(&CHECK, rows_only), Err(Inconclusive::Unknown(_))));
        let undated = json!([{"date": "2026-03-16T00:00:00Z", "logins": 1}, {"logins": 0}]);
        let tenant = readings(&[(KIND, undated), (ReadingKind::ActiveUsers, json!(0))]);
        assert_eq!(judge(&CHECK, tenant), unknown());
    }
}
