//! BFP-05: more than ten guesses are allowed.

use super::{KIND, RESOURCE, brute_force_threshold_extreme};
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

/// Extreme thresholds fail the next check instead.
pub const MAX_ATTEMPTS: Threshold = Threshold {
    check: "brute-force-threshold-high",
    name: "max_attempts",
    title: "Fails when brute-force protection allows more than",
    unit: "attempts",
    default: 10,
    min: 1,
    max: 100,
    not_above: Some(&brute_force_threshold_extreme::MAX_ATTEMPTS),
    source: "Auth0's default, and the limit of PCI DSS 4.0.1, 8.3.4.",
};

pub const CHECK: Check = Check {
    id: "brute-force-threshold-high",
    version: 1,
    title: "The brute-force threshold is too high",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "An attacker gets more guesses at each account than payment-card rules, or your policy, \
           allow anybody: enough for the commonest passwords.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the brute-force threshold to 10 or less, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[&MAX_ATTEMPTS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let attempts = tenant.read::<BruteForceProtection>()?.max_attempts.known()?.0;
    let good = terms.value_of(&MAX_ATTEMPTS);
    if attempts <= good || attempts > terms.value_of(&brute_force_threshold_extreme::MAX_ATTEMPTS) {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(good);
    Violation::at(tenant, CHECK.severity, KIND, "/max_attempts", &expected)
        .fixed_by(super::good_threshold(tenant, terms))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/max_attempts";
    eleven_to_fifty_fail {
        11, 50 => fails {"at": "/max_attempts", "expected": {"at_most": 10}, "fix": {"max_attempts": 10}};
        50 => fails {"found": 50, "undo": {"max_attempts": 50}};
    }
    ten_passes_and_fifty_one_is_for_the_next_check {
        10, 51 => passes;
    }
}
