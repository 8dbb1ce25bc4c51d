//! SIP-04: administrators are not notified of suspicious addresses.

use super::{FLOW, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

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
    ])
    .with_side_effects(SideEffects::none("Only administrators get e-mail.")),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &FLOW,
        shield: Shield::AdminNotification,
    }),
};
