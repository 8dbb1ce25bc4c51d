//! SIP-06: a throttled address gets new logins faster than by default.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const MIN_RATE_MS: Threshold = Threshold {
    check: "suspicious-ip-login-rate-high",
    name: "min_rate_ms",
    title: "Fails when a login is granted again within less than",
    unit: "ms",
    default: 864_000,
    min: 34_560,
    max: 86_400_000,
    not_above: None,
    source: "Auth0's default: 100 a day. Its range is 34,560 to 86,400,000.",
};

const FAR_TOO_FAST_MS: Threshold = Threshold {
    check: "suspicious-ip-login-rate-high",
    name: "far_too_fast_ms",
    title: "The severity is high instead of medium up to",
    unit: "ms",
    default: 86_400,
    min: 0,
    max: 86_400_000,
    not_above: Some(&MIN_RATE_MS),
    source: "Specification, SIP-06: 1,000 a day.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-login-rate-high",
    version: 1,
    title: "Login attempts are granted again too fast",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "An address that was throttled gets new attempts at once, so throttling hardly slows an \
           attack down.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Detection, set the login throttling rate to 100 a day and the threshold to 100 \
         attempts, or to what your policy asks for.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&MIN_RATE_MS, &FAR_TOO_FAST_MS],
    evaluate: Condition::Rule(Rule::Limit(Limit {
        kind: KIND,
        pointer: "/stage/pre-login/rate",
        value: |tenant| Ok(super::login(tenant)?.rate.known()?.0),
        bound: Bound::AtLeast(&MIN_RATE_MS),
        worse: Some((&FAR_TOO_FAST_MS, Severity::High)),
        fix: Some(super::good_login),
    })),
};

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_fix_sends_the_whole_stage_and_keeps_what_is_stricter {
        {"/stage/pre-login": {"max_attempts": 50, "rate": 34_560}} => fails {
            "fix": {"stage": {"pre-login": {"max_attempts": 50, "rate": 864_000}}},
            "undo": {"stage": {"pre-login": {"max_attempts": 50, "rate": 34_560}}}};
    }
}
