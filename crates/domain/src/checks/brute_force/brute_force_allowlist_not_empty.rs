//! BFP-09: addresses are exempt from brute-force protection.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "brute-force-allowlist-not-empty",
    version: 1,
    title: "The brute-force protection allowlist contains entries",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Attempts from a listed address are never blocked: anyone who gets to use it, or sits \
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
        "Users behind the removed addresses are blocked after too many wrong passwords.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::AllowlistNotEmpty(&ALLOWLIST)),
};
