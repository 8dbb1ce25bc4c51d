//! BPD-04: a signup with a leaked password is not blocked.

use super::{KIND, RESOURCE, SIGNUP};
use crate::checks::prelude::*;
use crate::checks::protection::{lacking, when_on};
use crate::readings::{BreachedPasswordDetection, Shield};

pub const CHECK: Check = Check {
    id: "breached-password-signup-not-blocked",
    version: 1,
    title: "A signup with a breached password is not blocked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "New accounts start with a password that attackers already have, so they can be taken \
           over from their first day.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&["Under Response, switch on blocking for signup.", "Save."]),
    controls: &[&sets::BPD],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let detection = when_on::<BreachedPasswordDetection>(tenant)?;
    if super::signup(detection)?.has(&Shield::Block)? {
        return Ok(Verdict::Pass);
    }
    lacking(tenant, CHECK.severity, KIND, SIGNUP, Shield::Block).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(shields: &[&str]) -> Judgement {
        let stage = json!({"pre-user-registration": {"shields": shields}});
        judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": stage})))
    }

    #[test]
    fn without_the_block_shield_it_fails_and_the_mend_sends_only_this_stage() {
        let (body, undo) = change(with(&["admin_notification"]));
        assert_eq!(
            body,
            json!({"stage": {"pre-user-registration": {"shields": ["admin_notification", "block"]}}})
        );
        assert_eq!(
            undo,
            json!({"stage": {"pre-user-registration": {"shields": ["admin_notification"]}}})
        );
    }

    #[test]
    fn with_the_block_shield_it_passes() {
        assert_eq!(with(&["block", "a_new_shield"]), PASS);
    }

    #[test]
    fn a_missing_stage_or_a_new_shield_alone_is_unknown() {
        assert_eq!(with(&["a_new_shield"]), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true, "stage": {}}))), unknown());
    }

    #[test]
    fn off_is_not_applicable() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": false}))), feature_off());
    }
}
