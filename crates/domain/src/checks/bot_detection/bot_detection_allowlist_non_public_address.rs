//! BOT-07: the list has addresses that no client on the Internet has.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "bot-detection-allowlist-non-public-address",
    version: 2,
    title: "An entry of the bot detection allowlist is not a public address",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "No client comes from such an address, so the entry is useless; if a proxy of yours \
           shows it for everybody, nobody is challenged.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Check whether a proxy in front of Auth0 shows this address for its clients; if so, \
         make it forward theirs.",
        "Remove the entry.",
        "Save.",
    ])
    .with_side_effects(SideEffects::none(
        "Users notice nothing: no request comes from such an address.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::AllowlistNonPublic(&ALLOWLIST)),
};
