//! RSK-01: the risk of logins is not assessed. The adaptive MFA policy assesses it by itself.

use super::risk_device_remembered_too_long::LONG_DAYS;
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::readings::{MfaPolicies, MfaPolicy, RiskAssessment, RiskAssessmentNewDevice};

const KIND: ReadingKind = ReadingKind::RiskAssessment;

pub const CHECK: Check = Check {
    id: "risk-assessment-off",
    version: 1,
    title: "Risk assessment logging is off",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Logins from new devices, impossible places and untrusted addresses look like all \
           others in the log, so an attack is not seen and cannot be reconstructed.",
    resource: "risk-assessments/settings",
    reads: &[KIND, ReadingKind::MfaPolicies],
    parents: &[],
    remediation: &super::remediation(
        "/api/v2/risk-assessments/settings",
        &[
            "Switch the MFA risk assessors on.",
            "Let a device be remembered for 30 days at most, or for what your policy asks for.",
            "Save.",
        ],
    ),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    let is_off = tenant.read::<RiskAssessment>()?.enabled.known().map(|on| !on);
    let is_adaptive = tenant.read::<MfaPolicies>()?.0.has(&MfaPolicy::ConfidenceScore);
    if !unknown::all([is_off, is_adaptive.map(|adaptive| !adaptive)])? {
        return Ok(Verdict::Pass);
    }
    // A device that is remembered too long would be the next finding.
    let days = tenant.find::<RiskAssessmentNewDevice>().and_then(|r| r.remember_for.ok());
    let change = days
        .is_none_or(|days| days.0 <= terms.value_of(&LONG_DAYS))
        .then(|| Change::set(tenant, KIND, "/enabled", json!(true)));
    Violation::at(tenant, CHECK.severity, KIND, "/enabled", &Expected::Is(json!(true)))
        .fixed_by_opt(change)
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    off_fails_with_no_policy_and_with_always {
        {"/enabled": false, "mfa_policies": ["all-applications"]} => fails;
        {"/enabled": false, "mfa_policies": []} => fails {"fix": {"enabled": true}, "undo": {"enabled": false}};
    }
    no_call_is_computed_where_it_would_bring_a_worse_finding {
        {"/enabled": false, "risk_assessment_new_device/remember_for": 90} => fails {"is_fixable": true};
        {"/enabled": false, "risk_assessment_new_device/remember_for": 91} => fails {"fix": null};
    }
    on_or_adaptive_passes_whatever_the_other_is {
        {"/enabled": true, "mfa_policies": []}, {"/enabled": true, "mfa_policies": ["a-new-policy"]},
        {"/enabled": false, "mfa_policies": ["confidence-score"]} => passes;
        {"/enabled": "partly", "mfa_policies": []}, {"/enabled": false, "mfa_policies": ["a-new-policy"]} => unknown;
    }
}
