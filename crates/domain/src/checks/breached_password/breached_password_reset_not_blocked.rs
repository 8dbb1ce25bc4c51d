//! BPD-05: a password reset to a leaked password is not blocked.

use super::{KIND, PROTECTION, RESET_FLOW, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "breached-password-reset-not-blocked",
    version: 2,
    title: "A password reset to a breached password is not blocked",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "A user who was just made to change a leaked password may choose another leaked one, \
           and the account is as open as before.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch on blocking for password reset.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users("A reset to a breached password is refused.")),
    controls: &[&sets::BREACHED_PASSWORD],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &RESET_FLOW,
        shield: Shield::Block,
    }),
};
