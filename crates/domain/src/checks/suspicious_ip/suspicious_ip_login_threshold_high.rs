//! SIP-05: one address may fail more logins than by default.

use super::{KIND, RESOURCE};
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
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&MAX_ATTEMPTS, &FAR_TOO_MANY],
    evaluate: Condition::Rule(Rule::Limit(Limit {
        kind: KIND,
        pointer: "/stage/pre-login/max_attempts",
        value: |tenant| Ok(super::login(tenant)?.max_attempts.known()?.0),
        bound: Bound::AtMost(&MAX_ATTEMPTS),
        worse: Some((&FAR_TOO_MANY, Severity::High)),
        fix: Some(super::good_login),
    })),
};

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_fix_sends_the_whole_stage_and_keeps_what_is_stricter {
        {"/stage/pre-login": {"max_attempts": 200, "rate": 864_000}} => fails {
            "fix": {"stage": {"pre-login": {"max_attempts": 100, "rate": 864_000}}},
            "undo": {"stage": {"pre-login": {"max_attempts": 200, "rate": 864_000}}}};
        {"/stage/pre-login": {"max_attempts": 200, "rate": 3_600_000}}
            => fails {"fix": {"stage": {"pre-login": {"max_attempts": 100, "rate": 3_600_000}}}};
    }
    a_stage_that_was_not_kept_whole_is_not_sent {
        {"/stage/pre-login": {"max_attempts": 200, "rate": {"a new": "form"}}} => fails {"fix": null};
    }
}
