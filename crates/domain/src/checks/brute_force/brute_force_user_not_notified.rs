//! BFP-04: users are not notified of attacks on their account.

use super::{FLOW, KIND, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "brute-force-user-not-notified",
    version: 1,
    title: "Users are not notified of blocks",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A user whose account is under attack does not hear of it and can neither react nor \
           unblock the account.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["brute-force-protection-off", "brute-force-protection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Response, switch Account Lockout notifications to users on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users("Users get an e-mail when they are blocked.")),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &FLOW,
        shield: Shield::UserNotification,
    }),
};
