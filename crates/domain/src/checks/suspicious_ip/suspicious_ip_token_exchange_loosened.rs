//! SIP-09: one address may fail more token exchanges than by default.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::inconclusive::NotApplicableReason;
use crate::readings::{Field, SuspiciousIpThrottling};

const STAGE: &str = "/stage/pre-custom-token-exchange";
const MAX_ATTEMPTS: Threshold = Threshold {
    check: "suspicious-ip-token-exchange-loosened",
    name: "max_attempts",
    title: "Fails when one address may fail more token exchanges than",
    unit: "attempts",
    default: 10,
    min: 1,
    max: 100_000,
    not_above: None,
    source: "The default on recorded tenants.",
};

const MIN_RATE_MS: Threshold = Threshold {
    check: "suspicious-ip-token-exchange-loosened",
    name: "min_rate_ms",
    title: "Fails when a token exchange is granted again within less than",
    unit: "ms",
    default: 600_000,
    min: 1,
    max: 86_400_000,
    not_above: None,
    source: "The default on recorded tenants.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-token-exchange-loosened",
    version: 1,
    title: "The limit on custom token exchange attempts is loosened",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "One address gets more tries at exchanging forged or stolen tokens for a session before \
           it is slowed down.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Set the stage pre-custom-token-exchange to 10 attempts and one new attempt every \
         600,000 ms, or to what your policy asks for, through the Management API where the \
         dashboard does not show it.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[&MAX_ATTEMPTS, &MIN_RATE_MS],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    let stages = tenant.read::<SuspiciousIpThrottling>()?.stage.known()?;
    let throttle = match &stages.pre_custom_token_exchange {
        Field::Absent => {
            return Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered));
        }
        stage => stage.known()?,
    };
    let (most, least) = (terms.value_of(&MAX_ATTEMPTS), terms.value_of(&MIN_RATE_MS));
    let too_many = throttle.max_attempts.known().map(|n| n.0 > most);
    let too_fast = throttle.rate.known().map(|n| n.0 < least);
    if !unknown::any([too_many, too_fast])? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    let mut stricter = Vec::new();
    if too_many == Ok(true) {
        let pointer = format!("{STAGE}/max_attempts");
        violation = violation.and(tenant, KIND, &pointer, &Expected::AtMost(most));
        stricter.push(("max_attempts", json!(most)));
    }
    if too_fast == Ok(true) {
        let pointer = format!("{STAGE}/rate");
        violation = violation.and(tenant, KIND, &pointer, &Expected::AtLeast(least));
        stricter.push(("rate", json!(least)));
    }
    violation.fixed_by(Change::set_members(tenant, KIND, STAGE, &stricter)).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    each_limit_has_its_boundary {
        {"/stage/pre-custom-token-exchange": {"max_attempts": 10, "rate": 600_000}} => passes;
        {"/stage/pre-custom-token-exchange": {"max_attempts": 11, "rate": 600_000}},
        {"/stage/pre-custom-token-exchange": {"max_attempts": 10, "rate": 599_999}} => fails;
    }
    only_what_is_loose_is_shown_and_fixed {
        {"/stage/pre-custom-token-exchange": {"max_attempts": 11, "rate": 900_000}} => fails {
            "at": "/stage/pre-custom-token-exchange/max_attempts",
            "fix": {"stage": {"pre-custom-token-exchange": {"max_attempts": 10, "rate": 900_000}}},
            "undo": {"stage": {"pre-custom-token-exchange": {"max_attempts": 11, "rate": 900_000}}}};
        {"/stage/pre-custom-token-exchange": {"max_attempts": 11, "rate": 1}} => fails {"count": 2};
    }
    what_is_missing_or_mistyped_is_unknown_unless_the_rest_decides {
        {"/stage/pre-custom-token-exchange": {"max_attempts": 11}} => fails;
        {"/stage/pre-custom-token-exchange": {"max_attempts": 10}},
        {"/stage/pre-custom-token-exchange": {"max_attempts": 10, "rate": "slow"}}, {"/stage": "(absent)"} => unknown;
    }
    a_tenant_without_the_stage_has_nothing_to_judge {
        {"/stage/pre-custom-token-exchange": "(absent)"} => not_offered;
    }
}
