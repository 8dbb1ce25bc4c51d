//! BFP-02: brute-force protection is on and nothing follows from it.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::protection::monitoring_only;
use crate::readings::BruteForceProtection;

pub const CHECK: Check = Check {
    id: "brute-force-protection-monitoring-only",
    version: 1,
    title: "Brute-force protection is on but only monitors",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Guessing is noticed and goes on: no attempt is refused and nobody is told.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off"],
    remediation: &super::remediation(&[
        "Under Response, switch on blocking and the notification of users.",
        "Save.",
    ]),
    controls: &[&sets::BFP],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    monitoring_only::<BruteForceProtection>(tenant, CHECK.severity, super::respond)
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
        assert_eq!(body, json!({"shields": ["block", "user_notification"]}));
        assert_eq!(undo, json!({"shields": []}));
    }

    #[test]
    fn any_shield_passes() {
        assert_eq!(with(&["user_notification"]), PASS);
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
