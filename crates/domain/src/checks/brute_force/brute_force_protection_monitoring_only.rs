//! BFP-02: brute-force protection is on but does nothing.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

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
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::MonitoringOnly(&PROTECTION)),
};
