//! SIP-05: one address may fail more logins than by default.

use super::{KIND, LOGIN, RESOURCE};
use crate::checks::prelude::*;

pub const MAX_ATTEMPTS: Threshold = Threshold {
    check: "suspicious-ip-login-threshold-high",
    name: "max_attempts",
    title: "Fails when one address may fail more logins than",
    unit: "attempts",
    default: 100,
    min: 1,
    max: 2500,
    not_above: Some(&FAR_TOO_MANY),
    source: "Auth0's default; its range ends at 2,500.",
};

const FAR_TOO_MANY: Threshold = Threshold {
    check: "suspicious-ip-login-threshold-high",
    name: "far_too_many",
    title: "The severity is high instead of medium above",
    unit: "attempts",
    default: 500,
    min: 1,
    max: 2500,
    not_above: None,
    source: "Specification, SIP-05: from here on it is hardly a threshold.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-login-threshold-high",
    version: 1,
    title: "The login threshold per IP address is too high",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "One address gets more failed logins over all accounts before it is slowed down: room \
           for lists of stolen credentials.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the login threshold to 100 attempts and the throttling rate to \
         100 a day, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[&MAX_ATTEMPTS, &FAR_TOO_MANY],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let attempts = super::login(tenant)?.max_attempts.known()?.0;
    let most = terms.value_of(&MAX_ATTEMPTS);
    if attempts <= most {
        return Ok(Verdict::Pass);
    }
    let severity =
        if attempts > terms.value_of(&FAR_TOO_MANY) { Severity::High } else { CHECK.severity };
    let pointer = format!("{LOGIN}/max_attempts");
    Violation::at(tenant, severity, KIND, &pointer, &Expected::AtMost(most))
        .fixed_by(super::good_login(tenant, terms))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, reading, severity, unknown, violation,
    };

    fn with(attempts: u64, rate: u64) -> Judgement {
        let stage = json!({"pre-login": {"max_attempts": attempts, "rate": rate}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn the_threshold_has_its_boundaries() {
        assert_eq!(with(100, 864_000), PASS);
        assert_eq!(severity(with(101, 864_000)), Severity::Medium);
        assert_eq!(severity(with(500, 864_000)), Severity::Medium);
        assert_eq!(severity(with(501, 864_000)), Severity::High);
    }

    #[test]
    fn the_mend_sends_the_whole_stage_and_keeps_what_is_stricter() {
        let judged = with(200, 864_000);
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!(pointer, "/stage/pre-login/max_attempts");
        assert_eq!((found, expected), (json!(200), json!({"at_most": 100})));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"stage": {"pre-login": {"max_attempts": 100, "rate": 864_000}}}));
        assert_eq!(undo, json!({"stage": {"pre-login": {"max_attempts": 200, "rate": 864_000}}}));
        let (body, _) = change(with(200, 3_600_000));
        assert_eq!(body, json!({"stage": {"pre-login": {"max_attempts": 100, "rate": 3_600_000}}}));
    }

    #[test]
    fn a_stage_that_was_not_kept_whole_is_not_sent() {
        let stage = json!({"pre-login": {"max_attempts": 200, "rate": {"a new": "form"}}});
        let judged = judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})));
        assert_eq!(violation(judged).change, None);
    }

    #[test]
    fn what_is_missing_or_mistyped_is_unknown() {
        for stage in [
            json!({}),
            json!({"pre-login": {}}),
            json!({"pre-login": {"max_attempts": "x", "rate": "x"}}),
        ] {
            assert_eq!(
                judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage}))),
                unknown()
            );
        }
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }
}
