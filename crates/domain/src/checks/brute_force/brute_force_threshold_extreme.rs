//! BFP-06: dozens of guesses are allowed.

use super::{EXTREME, HIGH, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-threshold-extreme",
    version: 1,
    title: "The brute-force threshold is extreme",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "An attacker gets dozens of guesses at each account, and at every address anew, \
           before anything happens.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the brute-force threshold to 10 or less, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[&EXTREME],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let attempts = tenant.read::<BruteForceProtection>()?.max_attempts.known()?.0;
    if attempts <= terms.value_of(&EXTREME) {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtMost(terms.value_of(&HIGH));
    Violation::at(tenant, CHECK.severity, KIND, "/max_attempts", &expected)
        .fixed_by(super::good_threshold(tenant, terms))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/max_attempts";
    more_than_fifty_fail {
        51 => fails {"expected": {"at_most": 10}, "fix": {"max_attempts": 10}, "undo": {"max_attempts": 51}};
        50 => passes;
    }
}
