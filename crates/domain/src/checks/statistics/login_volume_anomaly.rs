//! STA-06: far more or far fewer logins than usual.

use super::{KIND, RESOURCE, window};
use crate::checks::prelude::*;
use crate::readings::DailyStats;

const TIMES: Threshold = Threshold {
    check: "login-volume-anomaly",
    name: "times",
    title: "Fails when the logins of a week are more than so many times the usual, or less than that fraction of it",
    unit: "times",
    default: 5,
    min: 1,
    max: 1000,
    not_above: None,
    source: "Specification, STA-06: between a fifth and five times is no anomaly.",
};

const MIN_LOGINS: Threshold = Threshold {
    check: "login-volume-anomaly",
    name: "min_logins",
    title: "Never fails below so many logins in the usual week",
    unit: "logins",
    default: 100,
    min: 1,
    max: 1_000_000,
    not_above: None,
    source: "Specification, STA-06: fewer say nothing.",
};

pub const CHECK: Check = Check {
    id: "login-volume-anomaly",
    version: 1,
    title: "Logins have collapsed or surged",
    severity: Severity::Info,
    confidence: Confidence::Low,
    risk: "A surge may be an attack that guesses passwords; a collapse may be an outage, or users \
           who are sent elsewhere.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(
        "Monitoring > Logs",
        &[
            "Look at which applications and addresses the change comes from.",
            "Compare it with releases, campaigns and outages of your own.",
        ],
    ),
    controls: &[&sets::STATISTICS],
    thresholds: &[&TIMES, &MIN_LOGINS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let (week, twice_median) = window::last_week_and_twice_the_median(
        tenant.read::<DailyStats>()?,
        tenant.observed_at,
        |day| &day.logins,
    )?;
    let times = terms.value_of(&TIMES);
    let least = twice_median.div_ceil(2 * times);
    let most = times * twice_median / 2;
    let bounds = if week < least { json!({"at_least": least}) } else { json!({"at_most": most}) };
    if twice_median < 2 * terms.value_of(&MIN_LOGINS) || (least..=most).contains(&week) {
        return Ok(Verdict::Pass);
    }
    let found = json!({"logins_7_days": week});
    super::aggregates(CHECK.severity, found, json!({"logins_7_days": bounds})).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge, reading, unknown};

    /// Four weeks with this median, and the last one.
    fn with(usual: u64, week: u64) -> Judgement {
        let before =
            ["2026-05-12", "2026-05-19", "2026-05-26", "2026-06-02"].map(|date| (date, usual));
        judge(&CHECK, reading(KIND, rows(&[&before[..], &[("2026-06-10", week)]].concat())))
    }

    fn rows(figures: &[(&str, u64)]) -> serde_json::Value {
        figures
            .iter()
            .map(|(date, n)| json!({"date": format!("{date}T00:00:00.000Z"), "logins": n}))
            .collect()
    }

    #[test]
    fn a_collapse_below_a_fifth_fails() {
        assert_eq!(with(100, 20), PASS);
        let judged = with(100, 19);
        let (_, found, expected) = evidence(judged);
        assert_eq!(found, json!({"logins_7_days": 19}));
        assert_eq!(expected, json!({"logins_7_days": {"at_least": 20}}));
    }

    #[test]
    fn a_surge_above_five_times_fails() {
        assert_eq!(with(100, 500), PASS);
        assert_eq!(evidence(with(100, 501)).2, json!({"logins_7_days": {"at_most": 500}}));
    }

    #[test]
    fn a_quiet_tenant_has_no_usual_volume() {
        assert_eq!(with(99, 0), PASS);
        assert_eq!(with(99, 9_999), PASS);
    }

    #[test]
    fn a_missing_figure_is_unknown() {
        let no_logins = json!([{"date": "2026-06-14T00:00:00.000Z"}]);
        assert_eq!(judge(&CHECK, reading(KIND, no_logins)), unknown());
    }
}
