//! BFP-06: dozens of guesses are allowed.

use super::{GOOD_ATTEMPTS, HIGH_ATTEMPTS_MAX, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-threshold-extreme",
    version: 1,
    title: "The brute-force threshold is extreme",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "An attacker gets more than fifty guesses at each account, and at every address anew, \
           before anything happens.",
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
    if attempts <= HIGH_ATTEMPTS_MAX {
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
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(max_attempts: u64) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "max_attempts": max_attempts})))
    }

    #[test]
    fn more_than_fifty_fail() {
        let judged = with(51);
        assert_eq!(evidence(judged.clone()).2, json!({"at_most": 10}));
        assert_eq!(change(judged), (json!({"max_attempts": 10}), json!({"max_attempts": 51})));
    }

    #[test]
    fn fifty_passes_here() {
        assert_eq!(with(50), PASS);
    }

    #[test]
    fn a_missing_or_mistyped_threshold_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"max_attempts": "many"}))), unknown());
    }
}
