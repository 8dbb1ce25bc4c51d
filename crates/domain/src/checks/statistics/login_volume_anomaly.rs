//! STA-06: far more or far fewer logins than usual.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::window;
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

/// Four weeks with this number of logins, and the last one.
#[cfg(test)]
fn weeks(usual: u64, last: u64) -> serde_json::Value {
    let [a, b, c, d] = ["2026-05-12", "2026-05-19", "2026-05-26", "2026-06-02"];
    super::days("logins", &[(a, usual), (b, usual), (c, usual), (d, usual), ("2026-06-10", last)])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    a_collapse_below_a_fifth_fails {
        (weeks(100, 20)) => passes;
        (weeks(100, 19)) => fails {"found": {"logins_7_days": 19}, "expected": {"logins_7_days": {"at_least": 20}}};
    }
    a_surge_above_five_times_fails {
        (weeks(100, 500)) => passes;
        (weeks(100, 501)) => fails {"expected": {"logins_7_days": {"at_most": 500}}};
    }
    a_quiet_tenant_has_no_usual_volume {
        (weeks(99, 0)), (weeks(99, 9_999)) => passes;
    }
    a_missing_figure_is_unknown {
        [{"date": "2026-06-14T00:00:00.000Z"}] => unknown;
    }
}
