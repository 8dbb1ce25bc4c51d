//! CMB-04: none of the enabled protections notifies anyone.

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
use crate::checks::unknown;

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
    unknown::all_read(tenant, CHECK.reads)?;
    let part = |check: &Check| unknown::part(check, tenant, terms);
    let silent_on_breaches = unknown::any_wrong([
        part(&breached_password_detection_off::CHECK),
        unknown::all_wrong([
            part(&breached_password_user_not_notified::CHECK),
            part(&breached_password_admin_not_notified::CHECK),
        ]),
    ]);
    let silent_on_guessing = unknown::any_wrong([
        part(&brute_force_protection_off::CHECK),
        part(&brute_force_user_not_notified::CHECK),
    ]);
    let silent_on_addresses = unknown::any_wrong([
        part(&suspicious_ip_throttling_off::CHECK),
        part(&suspicious_ip_admin_not_notified::CHECK),
    ]);
    super::together(&CHECK, [silent_on_breaches, silent_on_guessing, silent_on_addresses])
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    no_notification_anywhere_fails_with_the_evidence_of_each {
        {"/shields": ["block"], "/stage/pre-user-registration/shields": ["block"],
            "/stage/pre-change-password/shields": ["block"], "brute_force_protection/shields": ["block"],
            "suspicious_ip_throttling/shields": ["block"]} => fails {"count": 6, "fix": null};
    }
    a_protection_that_is_off_notifies_nobody {
        {"/enabled": false, "brute_force_protection/enabled": false, "suspicious_ip_throttling/enabled": false} => fails;
    }
    any_notification_passes {
        {"/shields": ["user_notification"], "/stage": {}, "brute_force_protection/shields": [],
            "suspicious_ip_throttling/shields": []} => passes;
        {"/shields": ["admin_notification"], "brute_force_protection/shields": ["a_new_shield"],
            "suspicious_ip_throttling/shields": []} => passes;
        {"/enabled": false, "brute_force_protection/shields": ["user_notification"],
            "suspicious_ip_throttling/shields": []} => passes;
        {"/enabled": false, "brute_force_protection/shields": [],
            "suspicious_ip_throttling/shields": ["admin_notification"]} => passes;
        {"/enabled": false, "brute_force_protection/shields": ["a_new_shield"],
            "suspicious_ip_throttling/shields": ["block"]} => unknown;
    }
}
