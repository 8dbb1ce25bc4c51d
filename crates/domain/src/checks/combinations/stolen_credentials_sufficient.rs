//! CMB-02: leaked passwords work, and nothing else is asked for.

use super::RESOURCE;
use crate::checks::breached_password::login_not_blocked;
use crate::checks::mfa::mfa_never_required;
use crate::checks::prelude::*;
use crate::checks::three_valued;

const DETECTION: ReadingKind = ReadingKind::BreachedPasswordDetection;

pub const CHECK: Check = Check {
    id: "stolen-credentials-sufficient",
    version: 2,
    title: "Stolen credentials are sufficient to log in",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    risk: "Leaked passwords are not blocked and no policy asks for a second factor: unless code of \
           the tenant's own does, a list from any other site's breach opens accounts here, one \
           login each.",
    resource: RESOURCE,
    reads: &[DETECTION, ReadingKind::MfaPolicies],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Breached Password Detection on, with blocking.",
        "Under Security > Multi-factor Auth, enable a factor and choose Always.",
    ]),
    controls: &[&sets::BREACHED_PASSWORD, &sets::MFA],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    three_valued::all_read(tenant, CHECK.reads)?;
    let no_second_factor = three_valued::part(&mfa_never_required::CHECK, tenant, terms);
    super::together(&CHECK, [login_not_blocked(tenant, terms), no_second_factor])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, readings, unknown, violation};

    fn with(detection: serde_json::Value, policies: serde_json::Value) -> Judgement {
        judge(&CHECK, readings(&[(DETECTION, detection), (ReadingKind::MfaPolicies, policies)]))
    }

    #[test]
    fn no_block_and_no_second_factor_fail_with_the_evidence_of_both() {
        let judged = violation(with(json!({"enabled": false}), json!([])));
        let shown: Vec<_> =
            judged.evidence.iter().map(|e| (e.reading, e.pointer.as_str())).collect();
        assert_eq!(shown, [(DETECTION, "/enabled"), (ReadingKind::MfaPolicies, "")]);
        violation(with(json!({"enabled": true, "shields": ["user_notification"]}), json!([])));
    }

    #[test]
    fn it_is_as_sure_as_that_no_second_factor_is_asked_for() {
        use ReadingKind::{Actions, Rules, TenantSettings};
        let bodies =
            [(DETECTION, json!({"enabled": false})), (ReadingKind::MfaPolicies, json!([]))];
        let beside = |more: &[(ReadingKind, serde_json::Value)]| {
            violation(judge(&CHECK, readings(&[&bodies, more].concat())))
        };
        let sure = |judged: &Violation| judged.confidence.unwrap_or(CHECK.confidence);
        let no_action = (TenantSettings, json!({"customize_mfa_in_postlogin_action": false}));
        let rule = (Rules, json!([{"id": "rul_1", "name": "Ask for MFA", "enabled": true}]));
        let none = (Actions, json!([]));
        assert_eq!(sure(&beside(&[])), Confidence::Medium);
        assert_eq!(sure(&beside(&[no_action.clone(), none])), Confidence::High);
        assert_eq!(sure(&beside(&[no_action, rule.clone()])), Confidence::Medium);
        let judged = beside(&[rule]);
        assert_eq!(sure(&judged), Confidence::Low);
        let shown = judged.evidence.last().unwrap();
        assert_eq!((shown.reading, shown.may_compensate), (Rules, true));
    }

    #[test]
    fn either_of_them_passes() {
        assert_eq!(with(json!({"enabled": true, "shields": ["block"]}), json!([])), PASS);
        assert_eq!(with(json!({"enabled": false}), json!(["confidence-score"])), PASS);
    }

    #[test]
    fn what_is_missing_new_or_unread_is_unknown() {
        assert_eq!(with(json!({"enabled": "partly"}), json!([])), unknown());
        assert_eq!(with(json!({"enabled": false}), json!(["a-new-policy"])), unknown());
        let only_mfa = readings(&[(ReadingKind::MfaPolicies, json!(["all-applications"]))]);
        assert!(matches!(judge(&CHECK, only_mfa), Err(Inconclusive::Unknown(_))));
    }
}
