//! BOT-07: whole networks are exempt from bot detection.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;

const ID: &str = "bot-detection-allowlist-too-broad";
const BROAD: [Threshold; 2] = allowlist::broad(ID);
const CRITICAL: [Threshold; 2] = allowlist::critical(ID, &BROAD);

pub const CHECK: Check = Check {
    id: ID,
    version: 3,
    title: "An entry of the bot detection allowlist is far too broad",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "A network of that size holds thousands of strangers' addresses, and an attacker who \
           rents one of them is never challenged.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find out which addresses inside the listed network are really needed.",
        "Replace the network by those addresses, or remove it.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users behind the removed addresses may be asked to pass a CAPTCHA.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[&BROAD[0], &BROAD[1], &CRITICAL[0], &CRITICAL[1]],
    evaluate: Condition::Rule(Rule::AllowlistTooBroad {
        list: &ALLOWLIST,
        broad: &BROAD,
        critical: &CRITICAL,
    }),
};
