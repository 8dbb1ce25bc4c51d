//! MFA-02: a second factor is only asked for when a login looks risky.

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
    // Something we do not know stands beside it, which may demand more.
    policies.has(&MfaPolicy::AllApplications)?;
    // The adaptive policy assesses risk by itself. Without it the assessment has to be on, or it
    // would be the next finding: no single call does both.
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
mod tests {
    use super::*;
    use crate::checks::testing::{
        PASS, change, evidence, judge, reading, readings, unknown, violation,
    };

    fn with(policies: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, policies))
    }

    #[test]
    fn the_adaptive_policy_alone_fails() {
        let judged = with(json!(["confidence-score"]));
        assert_eq!(evidence(judged.clone()).1, json!(["confidence-score"]));
        assert_eq!(violation(judged).change, None);
    }

    #[test]
    fn where_risk_is_assessed_anyway_one_call_fixes_it() {
        let tenant = readings(&[
            (KIND, json!(["confidence-score"])),
            (ReadingKind::RiskAssessment, json!({"enabled": true})),
        ]);
        let (body, undo) = change(judge(&CHECK, tenant));
        assert_eq!((body, undo), (json!(["all-applications"]), json!(["confidence-score"])));
    }

    #[test]
    fn a_rule_that_may_ask_for_more_makes_it_less_sure() {
        let rules = json!([{"id": "a", "name": "Ask for MFA", "enabled": true}]);
        let bodies = [(KIND, json!(["confidence-score"])), (ReadingKind::Rules, rules)];
        let judged = violation(judge(&CHECK, readings(&bodies)));
        assert_eq!(judged.confidence, Some(Confidence::Medium));
        assert_eq!(judged.evidence[1].found, json!(["Ask for MFA"]));
    }

    #[test]
    fn always_and_never_pass_here() {
        assert_eq!(with(json!(["all-applications"])), PASS);
        assert_eq!(with(json!(["confidence-score", "all-applications", "a-new-policy"])), PASS);
        assert_eq!(with(json!([])), PASS);
    }

    #[test]
    fn a_new_policy_is_unknown() {
        assert_eq!(with(json!(["a-new-policy"])), unknown());
        assert_eq!(with(json!(["a-new-policy", "confidence-score"])), unknown());
    }
}
