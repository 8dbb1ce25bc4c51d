//! BFP-03: brute-force attempts are not blocked.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::shield_missing;
use crate::readings::{BruteForceProtection, Shield};

pub const CHECK: Check = Check {
    id: "brute-force-attempts-not-blocked",
    version: 1,
    title: "Brute-force attempts are not blocked",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Guessing is noticed and goes on: no attempt is refused, however many have failed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off", "brute-force-protection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch Block Brute-force Logins on.",
        "Save.",
    ]),
    controls: &[&sets::BFP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    shield_missing::<BruteForceProtection>(tenant, CHECK.severity, Shield::Block)
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
        let (body, undo) = change(with(&["user_notification"]));
        assert_eq!(body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"shields": ["user_notification"]}));
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
