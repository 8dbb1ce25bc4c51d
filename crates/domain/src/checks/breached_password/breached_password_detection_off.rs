//! BPD-01: breached password detection is off.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::off;
use crate::readings::BreachedPasswordDetection;

pub const CHECK: Check = Check {
    id: "breached-password-detection-off",
    version: 1,
    title: "Breached password detection is off",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Passwords stolen from other sites work here unnoticed: an attacker with a list of \
           leaked credentials takes over every account that reuses one.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Breached Password Detection on.",
        "Under Response, switch on blocking for login, signup and password reset, and both \
         notifications.",
        "Choose Immediately as the frequency of administrator notifications.",
        "Save.",
    ]),
    controls: &[&sets::BPD],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    off::<BreachedPasswordDetection>(tenant, CHECK.severity, super::respond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown};

    #[test]
    fn off_is_a_violation_whose_mend_also_blocks_and_tells() {
        let untouched = json!({"enabled": false, "shields": [], "admin_notification_frequency": [],
            "method": "standard", "stage": {"pre-user-registration": {"shields": []},
            "pre-change-password": {"shields": []}}});
        let judged = judge(&CHECK, reading(KIND, untouched));
        assert_eq!(evidence(judged.clone()), ("/enabled".into(), json!(false), json!(true)));
        let (body, undo) = change(judged);
        assert_eq!(
            body,
            json!({"enabled": true, "shields": ["admin_notification", "block", "user_notification"],
                "admin_notification_frequency": ["immediately"],
                "stage": {"pre-user-registration": {"shields": ["block"]},
                "pre-change-password": {"shields": ["block"]}}})
        );
        assert_eq!(
            undo,
            json!({"enabled": false, "shields": [], "admin_notification_frequency": [],
                "stage": {"pre-user-registration": {"shields": []},
                "pre-change-password": {"shields": []}}})
        );
    }

    #[test]
    fn the_mend_sends_only_what_the_tenant_has_and_lacks() {
        let off = json!({"enabled": false, "shields": ["block", "user_notification", "admin_notification"],
            "admin_notification_frequency": ["daily"]});
        let (body, _) = change(judge(&CHECK, reading(KIND, off)));
        assert_eq!(body, json!({"enabled": true}));
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
