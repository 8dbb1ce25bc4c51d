//! BPD-02: detection is on but does nothing.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "breached-password-detection-monitoring-only",
    version: 1,
    title: "Breached password detection is on but only monitors",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Every use of a leaked password is seen and none is stopped: the attacker is let in \
           while the log fills up.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off"],
    remediation: &super::remediation(&[
        "Under Response, switch on blocking for login, signup and password reset, and both \
         notifications.",
        "Choose Immediately as the frequency of administrator notifications.",
        "Save.",
    ]),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::MonitoringOnly(&PROTECTION)),
};
