//! BPD-06: users do not hear that their password leaked.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{BreachedPasswordDetection, Shield};

pub const CHECK: Check = Check {
    id: "breached-password-user-not-notified",
    version: 1,
    title: "Users are not told that their credentials are compromised",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A user whose password leaked goes on using it, here and elsewhere, because nobody says \
           so.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, switch on Send notifications to affected users.",
        "Save.",
    ]),
    controls: &[&sets::NTF],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<BreachedPasswordDetection>(tenant, CHECK.severity, Shield::UserNotification)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(shields: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "shields": shields})))
    }

    #[test]
    fn without_the_notification_it_fails_and_the_mend_keeps_the_others() {
        let (body, undo) = change(with(&["block"]));
        assert_eq!(body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"shields": ["block"]}));
    }

    #[test]
    fn with_the_notification_it_passes() {
        assert_eq!(with(&["user_notification"]), PASS);
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
