//! SIP-03: suspicious addresses are not throttled.

use super::{FLOW, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "suspicious-ip-not-throttled",
    version: 1,
    title: "Suspicious IP addresses are not throttled",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Administrators hear of an address that attacks many accounts, and it goes on at full \
           speed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off", "suspicious-ip-throttling-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch on Block IPs with suspicious activity.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &FLOW,
        shield: Shield::Block,
    }),
};
