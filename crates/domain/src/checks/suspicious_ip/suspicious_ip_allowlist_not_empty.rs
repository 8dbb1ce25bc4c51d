//! SIP-10: addresses are exempt from suspicious IP throttling.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "suspicious-ip-allowlist-not-empty",
    version: 1,
    title: "The suspicious IP throttling allowlist contains entries",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Attempts from a listed address are never throttled: anyone who gets to use it, or sits \
           behind the same gateway, attacks without limit.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who owns each entry, what it is for and until when.",
        "Remove every entry that nobody answers for.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "The removed addresses are slowed down after too many attempts.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::AllowlistNotEmpty(&ALLOWLIST)),
};
