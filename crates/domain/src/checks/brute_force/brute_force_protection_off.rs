//! BFP-01: brute-force protection is off.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::off;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-protection-off",
    version: 1,
    title: "Brute-force protection is off",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Nothing limits how many passwords an attacker may try against one account.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Brute-force Protection on.",
        "Under Response, switch on blocking and the notification of users.",
        "Save.",
    ]),
    controls: &[&sets::BFP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    off::<BruteForceProtection>(tenant, CHECK.severity, super::respond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, reading, unknown, violation};

    #[test]
    fn off_is_a_violation_with_its_change_and_undo() {
        let judged = judge(&CHECK, reading(KIND, json!({"enabled": false})));
        assert_eq!(violation(judged.clone()).evidence[0].found, json!(false));
        assert_eq!(change(judged), (json!({"enabled": true}), json!({"enabled": false})));
    }

    #[test]
    fn the_mend_adds_the_shields_that_are_missing() {
        let off = json!({"enabled": false, "shields": ["user_notification"]});
        let (body, undo) = change(judge(&CHECK, reading(KIND, off)));
        assert_eq!(body, json!({"enabled": true, "shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"enabled": false, "shields": ["user_notification"]}));
    }

    #[test]
    fn on_passes() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": true}))), PASS);
    }

    #[test]
    fn a_missing_or_new_value_is_unknown() {
        assert_eq!(judge(&CHECK, reading(KIND, json!({"max_attempts": 10}))), unknown());
        assert_eq!(judge(&CHECK, reading(KIND, json!({"enabled": "partly"}))), unknown());
    }
}
