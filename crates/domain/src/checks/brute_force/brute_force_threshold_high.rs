//! BFP-05: more than ten guesses are allowed.

use super::{GOOD_ATTEMPTS, HIGH_ATTEMPTS_MAX, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-threshold-high",
    version: 1,
    title: "The brute-force threshold is above 10 attempts",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "An attacker gets more guesses at each account than payment-card rules allow anybody, \
           enough for the commonest passwords.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the brute-force threshold to 10 or less.",
        "Save.",
    ]),
    controls: &[&sets::BFP],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let attempts = tenant.read::<BruteForceProtection>()?.max_attempts.known()?.0;
    if !(GOOD_ATTEMPTS + 1..=HIGH_ATTEMPTS_MAX).contains(&attempts) {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(GOOD_ATTEMPTS);
    Violation::at(tenant, CHECK.severity, KIND, "/max_attempts", &expected)
        .mended_by(super::good_threshold(tenant))
        .fails()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown, violation};

    fn with(max_attempts: u64) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "max_attempts": max_attempts})))
    }

    #[test]
    fn eleven_to_fifty_fail() {
        violation(with(11));
        let judged = with(50);
        let (pointer, found, expected) = evidence(judged.clone());
        assert_eq!((pointer.as_str(), found), ("/max_attempts", json!(50)));
        assert_eq!(expected, json!({"at_most": 10}));
        assert_eq!(change(judged), (json!({"max_attempts": 10}), json!({"max_attempts": 50})));
    }

    #[test]
    fn ten_passes_and_fifty_one_is_for_the_next_check() {
        assert_eq!(with(10), PASS);
        assert_eq!(with(51), PASS);
    }

    #[test]
    fn a_missing_or_mistyped_threshold_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"max_attempts": "many"}))), unknown());
    }
}
