//! BPD-01: breached password detection is off.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "breached-password-detection-off",
    version: 1,
    title: "Breached password detection is off",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Passwords stolen from other sites work here unnoticed: an attacker with a list of \
           leaked credentials takes over every account that reuses one.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Breached Password Detection on.",
        "Under Response, switch on blocking for login, signup and password reset, and both \
         notifications.",
        "Choose Immediately as the frequency of administrator notifications.",
        "Save.",
    ]),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ProtectionOff(&PROTECTION)),
};
