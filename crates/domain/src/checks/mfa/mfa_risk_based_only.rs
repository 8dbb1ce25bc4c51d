//! MFA-02: a second factor is required only if a login looks risky.

use super::{ALWAYS, KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{MfaPolicies, MfaPolicy, RiskAssessment};

pub const CHECK: Check = Check {
    id: "mfa-risk-based-only",
    version: 2,
    title: "Only risk-based MFA is required",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attacker whose login looks ordinary, from a usual place or through the victim's own \
           device, needs no second factor.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under MFA Risk Assessors, keep the assessment on, so that risks are still logged.",
        "Under Define policies, choose Always; or demand MFA for the sensitive applications \
         in a post-login Action.",
        "Save.",
    ]),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let policies = &tenant.read::<MfaPolicies>()?.0;
    if policies.known().contains(&MfaPolicy::AllApplications) || policies.is_empty()? {
        return Ok(Verdict::Pass);
    }
    // An unknown policy may require more.
    policies.has(&MfaPolicy::AllApplications)?;
    // The adaptive policy assesses risk itself. Without it, the assessment must be on, or that would be the next
    // finding: no single call does both.
    let assessment = tenant.find::<RiskAssessment>().and_then(|settings| settings.enabled.ok());
    let change = (assessment == Some(&true)).then(|| super::require_always(tenant));
    let context = super::custom_code_evidence(tenant);
    let confidence = (!context.is_empty()).then(|| CHECK.confidence.lowered());
    Violation::at(tenant, CHECK.severity, KIND, "", &ALWAYS)
        .with_confidence(confidence)
        .beside(context)
        .fixed_by_opt(change)
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    the_adaptive_policy_alone_fails {
        {"": ["confidence-score"], "risk_assessment": "(absent)"} => fails {"found": ["confidence-score"], "fix": null};
        ["all-applications"], ["confidence-score", "all-applications", "a-new-policy"], [] => passes;
        ["a-new-policy"], ["a-new-policy", "confidence-score"] => unknown;
    }
    where_risk_is_assessed_anyway_one_call_fixes_it {
        {"": ["confidence-score"], "risk_assessment/enabled": true}
            => fails {"fix": ["all-applications"], "undo": ["confidence-score"]};
    }
    a_rule_that_may_ask_for_more_makes_it_less_sure {
        {"": ["confidence-score"], "rules": [{"id": "a", "name": "Ask for MFA", "enabled": true}]}
            => fails {"confidence": "medium", "found/1": ["Ask for MFA"]};
    }
}
