//! SIP-01: suspicious IP throttling is off.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

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
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ProtectionOff(&PROTECTION)),
};
