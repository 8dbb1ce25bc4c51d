//! BOT-07: addresses are exempt from bot detection.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "bot-detection-allowlist-not-empty",
    version: 1,
    title: "The bot detection allowlist contains entries",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Attempts from a listed address are never challenged: anyone who gets to use it, or sits \
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
        "Users behind the removed addresses may be asked to pass a CAPTCHA.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::AllowlistNotEmpty(&ALLOWLIST)),
};
