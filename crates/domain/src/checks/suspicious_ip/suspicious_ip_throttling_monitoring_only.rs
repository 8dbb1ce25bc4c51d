//! SIP-02: suspicious IP throttling is on but does nothing.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "suspicious-ip-throttling-monitoring-only",
    version: 1,
    title: "Suspicious IP throttling is on but only monitors",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "An address that attacks many accounts is noticed and goes on at full speed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["suspicious-ip-throttling-off"],
    remediation: &super::remediation(&[
        "Under Response, switch on throttling and the notification of administrators.",
        "Save.",
    ]),
    controls: &[&sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::MonitoringOnly(&PROTECTION)),
};
