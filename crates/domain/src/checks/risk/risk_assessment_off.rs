//! RSK-01: the risk of logins is not assessed. The adaptive MFA policy assesses it by itself.

use super::risk_device_remembered_too_long::LONG_DAYS;
use crate::checks::prelude::*;
use crate::checks::three_valued;
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
    three_valued::all_read(tenant, CHECK.reads)?;
    let is_off = tenant.read::<RiskAssessment>()?.enabled.known().map(|on| !on);
    let is_adaptive = tenant.read::<MfaPolicies>()?.0.has(&MfaPolicy::ConfidenceScore);
    if !three_valued::all([is_off, is_adaptive.map(|adaptive| !adaptive)])? {
        return Ok(Verdict::Pass);
    }
    // Once on, a device that is remembered far too long would be the worse finding.
    let days = tenant.find::<RiskAssessmentNewDevice>().and_then(|r| r.remember_for.ok());
    let change = days
        .is_none_or(|days| days.0 <= terms.value_of(&LONG_DAYS))
        .then(|| Change::set(tenant, KIND, "/enabled", json!(true)));
    Violation::at(tenant, CHECK.severity, KIND, "/enabled", &Expected::Is(json!(true)))
        .fixed_by_opt(change)
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, reading, readings, unknown, violation};

    fn with(enabled: serde_json::Value, policies: serde_json::Value) -> Judgement {
        let settings = json!({"enabled": enabled});
        judge(&CHECK, readings(&[(KIND, settings), (ReadingKind::MfaPolicies, policies)]))
    }

    #[test]
    fn off_fails_with_no_policy_and_with_always() {
        violation(with(json!(false), json!(["all-applications"])));
        let (body, undo) = change(with(json!(false), json!([])));
        assert_eq!((body, undo), (json!({"enabled": true}), json!({"enabled": false})));
    }

    #[test]
    fn no_call_is_computed_where_it_would_bring_a_worse_finding() {
        let with_days = |days: u64| {
            let tenant = readings(&[
                (KIND, json!({"enabled": false})),
                (ReadingKind::MfaPolicies, json!([])),
                (ReadingKind::RiskAssessmentNewDevice, json!({"remember_for": days})),
            ]);
            violation(judge(&CHECK, tenant)).change
        };
        assert!(with_days(90).is_some());
        assert_eq!(with_days(91), None);
    }

    #[test]
    fn on_or_adaptive_passes_whatever_the_other_is() {
        assert_eq!(with(json!(true), json!([])), PASS);
        assert_eq!(with(json!(true), json!(["a-new-policy"])), PASS);
        assert_eq!(with(json!(false), json!(["confidence-score"])), PASS);
    }

    #[test]
    fn a_new_value_or_an_unread_resource_is_unknown() {
        assert_eq!(with(json!("partly"), json!([])), unknown());
        assert_eq!(with(json!(false), json!(["a-new-policy"])), unknown());
        let unread = judge(&CHECK, reading(KIND, json!({"enabled": true})));
        assert!(matches!(unread, Err(Inconclusive::Unknown(_))));
    }
}
