//! BFP-04: users do not hear that their account is attacked.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{BruteForceProtection, Shield};

pub const CHECK: Check = Check {
    id: "brute-force-user-not-notified",
    version: 1,
    title: "Users are not notified of blocks",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A user whose account is under attack does not hear of it and can neither react nor \
           unblock the account.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off", "brute-force-protection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch Account Lockout notifications to users on.",
        "Save.",
    ]),
    controls: &[&sets::NTF],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<BruteForceProtection>(tenant, CHECK.severity, Shield::UserNotification)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(shields: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "shields": shields})))
    }

    #[test]
    fn without_the_shield_it_fails_and_the_mend_keeps_the_others() {
        let (body, undo) = change(with(&["block"]));
        assert_eq!(body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"shields": ["block"]}));
    }

    #[test]
    fn with_the_shield_it_passes_whatever_else_there_is() {
        assert_eq!(with(&["user_notification", "a_new_shield"]), PASS);
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
