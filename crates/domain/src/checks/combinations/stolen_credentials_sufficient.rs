//! CMB-02: leaked passwords work, and nothing else is asked for.

use super::RESOURCE;
use crate::checks::breached_password::login_not_blocked;
use crate::checks::logic;
use crate::checks::mfa::mfa_never_required;
use crate::checks::prelude::*;

const DETECTION: ReadingKind = ReadingKind::BreachedPasswordDetection;

pub const CHECK: Check = Check {
    id: "stolen-credentials-sufficient",
    version: 1,
    title: "Stolen credentials are sufficient to log in",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Leaked passwords are not blocked and no second factor is asked for: a list from any \
           other site's breach opens accounts here, one login each.",
    resource: RESOURCE,
    reads: &[DETECTION, ReadingKind::MfaPolicies],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Breached Password Detection on, with blocking.",
        "Under Security > Multi-factor Auth, enable a factor and choose Always.",
    ]),
    controls: &[&sets::BPD, &sets::MFA],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    logic::all_read(tenant, CHECK.reads)?;
    let no_second_factor = super::part(mfa_never_required::evaluate, tenant);
    super::together(CHECK.severity, [login_not_blocked(tenant), no_second_factor])
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
    fn either_of_them_passes() {
        assert_eq!(with(json!({"enabled": true, "shields": ["block"]}), json!([])), PASS);
        assert_eq!(with(json!({"enabled": false}), json!(["confidence-score"])), PASS);
    }

    #[test]
    fn what_is_missing_new_or_unread_is_unknown() {
        assert_eq!(with(json!({"enabled": "partly"}), json!([])), unknown());
        assert_eq!(with(json!({"enabled": false}), json!(["a-new-policy"])), unknown());
        let only_mfa = readings(&[(ReadingKind::MfaPolicies, json!(["all-applications"]))]);
        assert!(matches!(judge(&CHECK, only_mfa), Err(Unjudged::Unknown(_))));
    }
}
