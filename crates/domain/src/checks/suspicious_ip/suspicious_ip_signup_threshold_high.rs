//! SIP-07: one address may sign up more often than by default.

use super::{KIND, RESOURCE, SIGNUP};
use crate::checks::prelude::*;

const MAX_ATTEMPTS: Threshold = Threshold {
    check: "suspicious-ip-signup-threshold-high",
    name: "max_attempts",
    title: "Fails when one address may sign up in a minute more often than",
    unit: "attempts",
    default: 50,
    min: 1,
    max: 72_000,
    not_above: Some(&FAR_TOO_MANY),
    source: "Auth0's default; its range ends at 72,000.",
};

const FAR_TOO_MANY: Threshold = Threshold {
    check: "suspicious-ip-signup-threshold-high",
    name: "far_too_many",
    title: "The severity is high instead of medium above",
    unit: "attempts",
    default: 1000,
    min: 1,
    max: 72_000,
    not_above: None,
    source: "Specification, SIP-07: from here on it is hardly a threshold.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-signup-threshold-high",
    version: 1,
    title: "The signup burst per IP address is too high",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "One address creates accounts by the hundred before it is slowed down: for spam, for \
           trials, for hiding attacks among them.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the signup threshold to 50 attempts, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[&MAX_ATTEMPTS, &FAR_TOO_MANY],
    evaluate: Condition::OneWithThresholds(evaluate),
};

pub fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let attempts = super::signup(tenant)?.max_attempts.known()?.0;
    let most = terms.value_of(&MAX_ATTEMPTS);
    if attempts <= most {
        return Ok(Verdict::Pass);
    }
    let severity =
        if attempts > terms.value_of(&FAR_TOO_MANY) { Severity::High } else { CHECK.severity };
    let pointer = format!("{SIGNUP}/max_attempts");
    Violation::at(tenant, severity, KIND, &pointer, &Expected::AtMost(most))
        .fixed_by(Change::within(tenant, KIND, SIGNUP, &[("max_attempts", json!(most))]))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, severity, unknown};

    fn with(attempts: u64, rate: u64) -> Judgement {
        let stage = json!({"pre-user-registration": {"max_attempts": attempts, "rate": rate}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn the_burst_has_its_boundaries() {
        assert_eq!(with(50, 1_200), PASS);
        assert_eq!(severity(with(51, 1_200)), Severity::Medium);
        assert_eq!(severity(with(1_000, 1_200)), Severity::Medium);
        assert_eq!(severity(with(1_001, 1_200)), Severity::High);
    }

    #[test]
    fn the_mend_sends_the_whole_stage() {
        let judged = with(60, 1_200);
        assert_eq!(evidence(judged.clone()).2, json!({"at_most": 50}));
        let (body, undo) = change(judged);
        let stage = |attempts| json!({"max_attempts": attempts, "rate": 1_200});
        assert_eq!(body, json!({"stage": {"pre-user-registration": stage(50)}}));
        assert_eq!(undo, json!({"stage": {"pre-user-registration": stage(60)}}));
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
