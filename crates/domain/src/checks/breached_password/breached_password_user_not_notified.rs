//! BPD-06: users are not notified that their password was breached.

use super::{KIND, LOGIN_FLOW, PROTECTION, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::Shield;

pub const CHECK: Check = Check {
    id: "breached-password-user-not-notified",
    version: 1,
    title: "Users are not told that their credentials are compromised",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "A user whose password leaked goes on using it, here and elsewhere, because nobody says \
           so.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["breached-password-detection-off", "breached-password-detection-monitoring-only"],
    remediation: &super::remediation(&[
        "Under Notifications, switch on Send notifications to affected users.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users get an e-mail when their password is found in a breach.",
    )),
    controls: &[&sets::NOTIFICATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::ShieldMissing {
        protection: &PROTECTION,
        flow: &LOGIN_FLOW,
        shield: Shield::UserNotification,
    }),
};
