//! SIP-03: suspicious addresses are not throttled.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{Shield, SuspiciousIpThrottling};

pub const CHECK: Check = Check {
    id: "suspicious-ip-not-throttled",
    version: 1,
    title: "Suspicious IP addresses are not throttled",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Administrators hear of an address that attacks many accounts, and it goes on at full \
           speed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off", "suspicious-ip-throttling-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch on Block IPs with suspicious activity.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<SuspiciousIpThrottling>(tenant, CHECK.severity, Shield::Block)
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
        let (body, undo) = change(with(&["admin_notification"]));
        assert_eq!(body, json!({"shields": ["admin_notification", "block"]}));
        assert_eq!(undo, json!({"shields": ["admin_notification"]}));
    }

    #[test]
    fn with_the_shield_it_passes_whatever_else_there_is() {
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
