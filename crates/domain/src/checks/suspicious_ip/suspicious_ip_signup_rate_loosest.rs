//! SIP-08: new signups are granted at the loosest rate there is.

use super::{KIND, RESOURCE, SIGNUP, suspicious_ip_signup_threshold_high};
use crate::checks::prelude::*;
use crate::checks::statistics::signup_spike;
use crate::checks::three_valued;

const LOOSEST_RATE_MS: Threshold = Threshold {
    check: "suspicious-ip-signup-rate-loosest",
    name: "loosest_rate_ms",
    title: "Fails when a signup is granted again within no more than",
    unit: "ms",
    default: 1200,
    min: 0,
    max: 86_399_999,
    not_above: None,
    source: "Auth0 grants no faster: 72,000 a day, which is also its default.",
};

/// One every 1,728 seconds, 50 a day: what Auth0's document gives as default.
const GOOD_RATE_MS: u64 = 1_728_000;

pub const CHECK: Check = Check {
    id: "suspicious-ip-signup-rate-loosest",
    version: 1,
    title: "Signups are granted again at the loosest rate",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "One address may create 72,000 accounts a day; it is also the default, and it is the \
           limit that fake accounts meet first.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the signup throttling rate to 50 a day, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&LOOSEST_RATE_MS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

pub fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let loosest = terms.value_of(&LOOSEST_RATE_MS);
    if super::signup(tenant)?.rate.known()?.0 > loosest {
        return Ok(Verdict::Pass);
    }
    let pointer = format!("{SIGNUP}/rate");
    let good = GOOD_RATE_MS.max(loosest + 1);
    let expected = Expected::AtLeast(loosest + 1);
    let [severity, at_worst] = severity(tenant, terms);
    Violation::at(tenant, severity, KIND, &pointer, &expected)
        .or_worse(at_worst)
        .fixed_by(Change::set_members(tenant, KIND, SIGNUP, &[("rate", json!(good))]))
        .into_failure()
}

/// It matters once the burst is loose too, or once signups have spiked. What is unknown of those
/// leaves the lower severity, which comes first, with the higher one at worst.
fn severity(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> [Severity; 2] {
    let aggravating = [&suspicious_ip_signup_threshold_high::CHECK, &signup_spike::CHECK]
        .map(|check| check.judge_one(tenant, terms));
    three_valued::aggravated([CHECK.severity, Severity::Medium], &aggravating)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, reading, readings, unknown, violation,
    };

    fn with(attempts: u64, rate: u64) -> Judgement {
        let stage = json!({"pre-user-registration": {"max_attempts": attempts, "rate": rate}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn the_loosest_rate_is_informative() {
        let judged = with(50, 1_200);
        assert_eq!(violation(judged.clone()).severity, Severity::Info);
        assert_eq!(evidence(judged.clone()).2, json!({"at_least": 1_201}));
        let (body, undo) = change(judged);
        let stage = |rate| json!({"max_attempts": 50, "rate": rate});
        assert_eq!(body, json!({"stage": {"pre-user-registration": stage(1_728_000)}}));
        assert_eq!(undo, json!({"stage": {"pre-user-registration": stage(1_200)}}));
    }

    #[test]
    fn with_a_loose_burst_it_is_medium() {
        assert_eq!(violation(with(51, 1_200)).severity, Severity::Medium);
    }

    #[test]
    fn with_a_signup_spike_it_is_medium() {
        let stage = json!({"pre-user-registration": {"max_attempts": 50, "rate": 1_200}});
        let spike = json!([{"date": "2026-06-14T00:00:00.000Z", "signups": 500}]);
        let both = readings(&[(KIND, json!({"stage": stage})), (ReadingKind::DailyStats, spike)]);
        assert_eq!(violation(judge(&CHECK, both)).severity, Severity::Medium);
    }

    #[test]
    fn any_slower_rate_passes() {
        assert_eq!(with(50, 1_201), PASS);
    }

    #[test]
    fn what_is_missing_or_mistyped_is_unknown() {
        for stage in [
            json!({}),
            json!({"pre-user-registration": {}}),
            json!({"pre-user-registration": {"max_attempts": "x", "rate": "x"}}),
        ] {
            assert_eq!(
                judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage}))),
                unknown()
            );
        }
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
