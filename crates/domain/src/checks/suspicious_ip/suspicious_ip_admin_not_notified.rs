//! SIP-04: administrators do not hear of suspicious addresses.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{Shield, SuspiciousIpThrottling};

pub const CHECK: Check = Check {
    id: "suspicious-ip-admin-not-notified",
    version: 1,
    title: "Administrators are not alerted to suspicious IP addresses",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attack on many accounts is slowed down and nobody hears of it, so the attacker has \
           all the time there is.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off", "suspicious-ip-throttling-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, switch on Send notifications to account administrators.",
        "Save.",
    ]),
    controls: &[&sets::NTF],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<SuspiciousIpThrottling>(tenant, CHECK.severity, Shield::AdminNotification)
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
        assert_eq!(body, json!({"shields": ["admin_notification", "block"]}));
        assert_eq!(undo, json!({"shields": ["block"]}));
    }

    #[test]
    fn with_the_shield_it_passes_whatever_else_there_is() {
        assert_eq!(with(&["admin_notification", "a_new_shield"]), PASS);
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
