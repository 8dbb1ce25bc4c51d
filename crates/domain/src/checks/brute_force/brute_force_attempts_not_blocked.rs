//! BFP-03: brute-force attempts are not blocked.

use super::{FLOW, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "brute-force-attempts-not-blocked",
    version: 1,
    title: "Brute-force attempts are not blocked",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Guessing is noticed and goes on: no attempt is refused, however many have failed.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off", "brute-force-protection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch Block Brute-force Logins on.",
        "Save.",
    ]),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &FLOW,
        shield: Shield::Block,
    }),
};
