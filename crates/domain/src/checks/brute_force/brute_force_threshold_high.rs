//! BFP-05: more than ten guesses are allowed.

use super::{EXTREME, HIGH, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

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
    thresholds: &[&HIGH],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let attempts = tenant.read::<BruteForceProtection>()?.max_attempts.known()?.0;
    let good = terms.value_of(&HIGH);
    if attempts <= good || attempts > terms.value_of(&EXTREME) {
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
