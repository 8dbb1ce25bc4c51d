//! BFP-01: brute-force protection is off.

use super::{KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "brute-force-protection-off",
    version: 1,
    title: "Brute-force protection is off",
    severity: Severity::Critical,
    confidence: Confidence::High,
    risk: "Nothing limits how many passwords an attacker may try against one account.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch Brute-force Protection on.",
        "Under Response, switch on blocking and the notification of users.",
        "Save.",
    ]),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ProtectionOff(&PROTECTION)),
};
