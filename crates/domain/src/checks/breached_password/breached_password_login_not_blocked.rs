//! BPD-03: a login with a leaked password is not blocked.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{BreachedPasswordDetection, Shield};

pub const CHECK: Check = Check {
    id: "breached-password-login-not-blocked",
    version: 1,
    title: "A login with a compromised password is not blocked",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Whoever holds a leaked password of a user logs in with it: the only effect is a \
           notification that comes too late.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch on Block compromised user accounts.",
        "Save.",
    ]),
    controls: &[&sets::BPD],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<BreachedPasswordDetection>(tenant, CHECK.severity, Shield::Block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown, violation};

    fn with(shields: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "shields": shields})))
    }

    #[test]
    fn without_the_block_shield_it_fails_and_the_mend_keeps_the_others() {
        let judged = with(&["user_notification"]);
        assert_eq!(violation(judged.clone()).evidence[0].expected, json!({"contains": ["block"]}));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"shields": ["user_notification"]}));
    }

    #[test]
    fn with_the_block_shield_it_passes_whatever_else_there_is() {
        assert_eq!(with(&["block", "a_new_shield"]), PASS);
    }

    #[test]
    fn a_new_shield_alone_or_no_list_is_unknown() {
        assert_eq!(with(&["a_new_shield"]), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), unknown());
    }

    #[test]
    fn off_is_not_applicable() {
        assert_eq!(
            judge(&CHECK, reading(KIND, json!({"enabled": false, "shields": []}))),
            feature_off()
        );
    }
}
