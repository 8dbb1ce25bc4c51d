//! BPD-04: a signup with a leaked password is not blocked.

use super::{KIND, PROTECTION, RESOURCE, SIGNUP_FLOW};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "breached-password-signup-not-blocked",
    version: 2,
    title: "A signup with a breached password is not blocked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "New accounts start with a password that attackers already have, so they can be taken \
           over from their first day.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&["Under Response, switch on blocking for signup.", "Save."])
        .with_side_effects(SideEffects::on_users("A signup with a breached password is refused.")),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &SIGNUP_FLOW,
        shield: Shield::Block,
    }),
};
