//! CMB-04: no protection that is on notifies anybody.

use super::RESOURCE;
use crate::checks::breached_password::{
    breached_password_admin_not_notified, breached_password_detection_off,
    breached_password_user_not_notified,
};
use crate::checks::brute_force::{brute_force_protection_off, brute_force_user_not_notified};
use crate::checks::prelude::*;
use crate::checks::suspicious_ip::{
    suspicious_ip_admin_not_notified, suspicious_ip_throttling_off,
};
use crate::checks::three_valued;

pub const CHECK: Check = Check {
    id: "nobody-notified",
    version: 1,
    title: "Nobody is ever notified",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Neither users nor administrators hear of an attack from any protection, so nobody \
           responds while it goes on.",
    resource: RESOURCE,
    reads: &[
        ReadingKind::BreachedPasswordDetection,
        ReadingKind::BruteForceProtection,
        ReadingKind::SuspiciousIpThrottling,
    ],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Breached Password Detection and Suspicious IP Throttling, switch on \
         notifications to administrators.",
        "Under Brute-force Protection, switch on notifications to users.",
        "Save.",
    ]),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::OneWithThresholds(evaluate),
};

fn evaluate(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Judgement {
    three_valued::all_read(tenant, CHECK.reads)?;
    let part = |check: &Check| three_valued::part(check, tenant, terms);
    let silent_on_breaches = three_valued::any_wrong([
        part(&breached_password_detection_off::CHECK),
        three_valued::all_wrong([
            part(&breached_password_user_not_notified::CHECK),
            part(&breached_password_admin_not_notified::CHECK),
        ]),
    ]);
    let silent_on_guessing = three_valued::any_wrong([
        part(&brute_force_protection_off::CHECK),
        part(&brute_force_user_not_notified::CHECK),
    ]);
    let silent_on_addresses = three_valued::any_wrong([
        part(&suspicious_ip_throttling_off::CHECK),
        part(&suspicious_ip_admin_not_notified::CHECK),
    ]);
    super::together(&CHECK, [silent_on_breaches, silent_on_guessing, silent_on_addresses])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, judge, readings, unknown, violation};

    const BREACHES: ReadingKind = ReadingKind::BreachedPasswordDetection;
    const GUESSING: ReadingKind = ReadingKind::BruteForceProtection;
    const ADDRESSES: ReadingKind = ReadingKind::SuspiciousIpThrottling;

    fn shields(shields: &[&str]) -> serde_json::Value {
        let stage = json!({"shields": ["block"]});
        json!({"enabled": true, "shields": shields,
            "stage": {"pre-user-registration": stage, "pre-change-password": stage}})
    }

    fn with(breaches: &[&str], guessing: &[&str], addresses: &[&str]) -> Judgement {
        let bodies = [
            (BREACHES, shields(breaches)),
            (GUESSING, shields(guessing)),
            (ADDRESSES, shields(addresses)),
        ];
        judge(&CHECK, readings(&bodies))
    }

    #[test]
    fn no_notification_anywhere_fails_with_the_evidence_of_each() {
        let judged = violation(with(&["block"], &["block"], &["block"]));
        assert_eq!(judged.evidence.len(), 4 + 1 + 1);
        assert_eq!(judged.change, None);
    }

    #[test]
    fn a_protection_that_is_off_notifies_nobody() {
        let off = json!({"enabled": false, "shields": ["user_notification", "admin_notification"]});
        let bodies = [(BREACHES, off.clone()), (GUESSING, off.clone()), (ADDRESSES, off)];
        violation(judge(&CHECK, readings(&bodies)));
    }

    #[test]
    fn any_notification_passes() {
        assert_eq!(with(&["user_notification"], &[], &[]), PASS);
        assert_eq!(with(&["admin_notification"], &["a_new_shield"], &[]), PASS);
        assert_eq!(with(&[], &["user_notification"], &[]), PASS);
        assert_eq!(with(&[], &[], &["admin_notification"]), PASS);
    }

    #[test]
    fn what_is_new_or_unread_is_unknown() {
        assert_eq!(with(&["block"], &["a_new_shield"], &["block"]), unknown());
        let two = [(BREACHES, shields(&[])), (GUESSING, shields(&["user_notification"]))];
        assert!(matches!(judge(&CHECK, readings(&two)), Err(Inconclusive::Unknown(_))));
    }
}
