//! SIP-02: suspicious IP throttling is on and nothing follows from it.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::monitoring_only;
use crate::readings::SuspiciousIpThrottling;

pub const CHECK: Check = Check {
    id: "suspicious-ip-throttling-monitoring-only",
    version: 1,
    title: "Suspicious IP throttling is on but only monitors",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "An address that attacks many accounts is noticed and goes on at full speed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Response, switch on throttling and the notification of administrators.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    monitoring_only::<SuspiciousIpThrottling>(tenant, CHECK.severity, super::respond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, reading, unknown};

    fn with(shields: &[&str]) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"enabled": true, "shields": shields})))
    }

    #[test]
    fn without_any_shield_it_fails_and_the_mend_sets_both() {
        let (body, undo) = change(with(&[]));
        assert_eq!(body, json!({"shields": ["admin_notification", "block"]}));
        assert_eq!(undo, json!({"shields": []}));
    }

    #[test]
    fn any_shield_passes() {
        assert_eq!(with(&["admin_notification"]), PASS);
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
