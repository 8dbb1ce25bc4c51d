//! BFP-08: a stranger can lock users out.

use super::{HIGH, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{BruteForceMode, BruteForceProtection};

/// Below this, and counted over all addresses, a stranger can lock a user out.
pub const MIN_ATTEMPTS: Threshold = Threshold {
    check: "brute-force-lockout-abusable",
    name: "min_attempts",
    title: "Fails when an account is locked after fewer than",
    unit: "attempts",
    default: 4,
    min: 1,
    max: 100,
    not_above: Some(&HIGH),
    source: "Specification, BFP-08.",
};

pub const CHECK: Check = Check {
    id: "brute-force-lockout-abusable",
    version: 1,
    title: "The lock-out can be abused against users",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A few failed attempts from anywhere block an account, so a stranger who knows its name \
           keeps its owner out.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the brute-force threshold to between 5 and 10, or to what your policy asks for.",
        "Save.",
    ])
    .with_side_effects(SideEffects::none(
        "Users are blocked later than before.",
    )),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[&MIN_ATTEMPTS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let protection = tenant.read::<BruteForceProtection>()?;
    let counts_all =
        protection.mode.known().map(|mode| *mode == BruteForceMode::CountPerIdentifier);
    let least = terms.value_of(&MIN_ATTEMPTS);
    let is_low = protection.max_attempts.known().map(|n| n.0 < least);
    if !unknown::all([counts_all, is_low])? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtLeast(least);
    Violation::at(tenant, CHECK.severity, KIND, "/max_attempts", &expected)
        .fixed_by(super::good_threshold(tenant, terms))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/max_attempts";
    three_attempts_from_anywhere_fail {
        3 => fails {"expected": {"at_least": 4}, "fix": {"max_attempts": 10}, "undo": {"max_attempts": 3}};
        4 => passes;
        {"/mode": "count_per_identifier_and_ip", "/max_attempts": 3} => passes;
    }
    a_new_mode_is_unknown_unless_the_rest_decides {
        {"/mode": "count_per_device", "/max_attempts": 3} => unknown;
        {"/mode": "count_per_device", "/max_attempts": 4} => passes;
    }
}
