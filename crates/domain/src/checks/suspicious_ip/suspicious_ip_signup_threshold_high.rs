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
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&MAX_ATTEMPTS, &FAR_TOO_MANY],
    evaluate: Condition::Rule(Rule::Limit(Limit {
        kind: KIND,
        pointer: "/stage/pre-user-registration/max_attempts",
        value: |tenant| Ok(super::signup(tenant)?.max_attempts.known()?.0),
        bound: Bound::AtMost(&MAX_ATTEMPTS),
        worse: Some((&FAR_TOO_MANY, Severity::High)),
        fix: Some(|tenant, thresholds| {
            let attempts = json!(thresholds.value_of(&MAX_ATTEMPTS));
            Change::set_members(tenant, KIND, SIGNUP, &[("max_attempts", attempts)])
        }),
    })),
};

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_fix_sends_the_whole_stage {
        {"/stage/pre-user-registration": {"max_attempts": 60, "rate": 1_200}} => fails {
            "fix": {"stage": {"pre-user-registration": {"max_attempts": 50, "rate": 1_200}}},
            "undo": {"stage": {"pre-user-registration": {"max_attempts": 60, "rate": 1_200}}}};
    }
}
