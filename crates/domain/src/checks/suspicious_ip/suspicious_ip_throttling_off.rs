//! SIP-01: suspicious IP throttling is off.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::off;
use crate::readings::SuspiciousIpThrottling;

pub const CHECK: Check = Check {
    id: "suspicious-ip-throttling-off",
    version: 1,
    title: "Suspicious IP throttling is off",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "One address may try passwords against every account, and create accounts, as fast as \
           it can.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Suspicious IP Throttling on.",
        "Under Response, switch on throttling and the notification of administrators.",
        "Save.",
    ]),
    controls: &[&sets::SIP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    off::<SuspiciousIpThrottling>(tenant, CHECK.severity, super::respond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    #[test]
    fn off_is_a_violation_whose_mend_also_throttles() {
        let judged = judge(&CHECK, reading(KIND, json!({"enabled": false, "shields": []})));
        assert_eq!(evidence(judged.clone()), ("/enabled".into(), json!(false), json!(true)));
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"enabled": true, "shields": ["admin_notification", "block"]}));
        assert_eq!(undo, json!({"enabled": false, "shields": []}));
    }

    #[test]
    fn on_passes() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), PASS);
    }

    #[test]
    fn a_missing_or_new_value_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"shields": []}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": "partly"}))), unknown());
    }
}
