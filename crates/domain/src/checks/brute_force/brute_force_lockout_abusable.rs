//! BFP-08: a stranger can lock users out.

use super::{KIND, RESOURCE, brute_force_threshold_high};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{BruteForceMode, BruteForceProtection};

/// Counted over all addresses, so few failures let a stranger lock a user out.
pub const MIN_ATTEMPTS: Threshold = Threshold {
    check: "brute-force-lockout-abusable",
    name: "min_attempts",
    title: "Fails when an account is locked after fewer than",
    unit: "attempts",
    default: 4,
    min: 1,
    max: 100,
    not_above: Some(&brute_force_threshold_high::MAX_ATTEMPTS),
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
    ]),
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
    if !three_valued::all([counts_all, is_low])? {
        return Ok(Verdict::Pass);
    }
    let expected = Expected::AtLeast(least);
    Violation::at(tenant, CHECK.severity, KIND, "/max_attempts", &expected)
        .fixed_by(super::good_threshold(tenant, terms))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    fn with(mode: &str, max_attempts: u64) -> Judgement {
        let body = json!({"enabled": true, "mode": mode, "max_attempts": max_attempts});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn three_attempts_from_anywhere_fail() {
        let judged = with("count_per_identifier", 3);
        assert_eq!(evidence(judged.clone()).2, json!({"at_least": 4}));
        assert_eq!(change(judged), (json!({"max_attempts": 10}), json!({"max_attempts": 3})));
    }

    #[test]
    fn four_attempts_or_counting_per_address_pass() {
        assert_eq!(with("count_per_identifier", 4), PASS);
        assert_eq!(with("count_per_identifier_and_ip", 3), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown_unless_the_rest_decides() {
        assert_eq!(with("count_per_device", 3), unknown());
        assert_eq!(with("count_per_device", 4), PASS);
        let no_threshold = json!({"enabled": true, "mode": "count_per_identifier"});
        assert_eq!(judge(&CHECK, reading(KIND, no_threshold)), unknown());
    }
}
