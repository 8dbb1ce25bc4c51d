//! FAC-06: the trial of an enabled factor has expired.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{GuardianFactor, GuardianFactors};

pub const CHECK: Check = Check {
    id: "mfa-factor-trial-expired",
    version: 4,
    title: "The trial of an enabled MFA factor has expired",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Users who have enrolled only that factor either cannot log in or are let in without \
           it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::enable_webauthn(&[
        "Add the factor to the subscription.",
        "Otherwise enable another factor, move users to it, and disable this one.",
    ])
    .without_call(),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let factors = &tenant.read::<GuardianFactors>()?.0;
    if !unknown::any(factors.iter().map(is_expired))? {
        return Ok(Verdict::Pass);
    }
    let expired = factors.iter().filter(|factor| is_expired(factor) == Ok(true));
    let mut names: Vec<_> = expired.map(|factor| json!(factor.name)).collect();
    names.sort_by_key(ToString::to_string);
    super::violation(CHECK.severity, json!(names), json!([])).into_failure()
}

fn is_expired(factor: &GuardianFactor) -> Result<bool, Inconclusive> {
    unknown::all([factor.enabled.known().copied(), factor.trial_expired.known().copied()])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    an_enabled_factor_fails_and_a_disabled_one_passes {
        {"/1/trial_expired": true} => fails {"at": "", "found": ["otp"], "expected": [], "fix": null};
        {"/5/trial_expired": true}, {"/5/trial_expired": "(absent)"}, [] => passes;
    }
}
