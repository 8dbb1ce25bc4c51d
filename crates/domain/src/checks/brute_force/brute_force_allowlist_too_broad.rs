//! BFP-10: whole networks are exempt from brute-force protection.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::allowlist;
use crate::checks::prelude::*;

const ID: &str = "brute-force-allowlist-too-broad";
const BROAD: [Threshold; 2] = allowlist::broad(ID);
const CRITICAL: [Threshold; 2] = allowlist::critical(ID, &BROAD);

pub const CHECK: Check = Check {
    id: ID,
    version: 3,
    title: "An entry of the brute-force protection allowlist is far too broad",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "A network of that size holds thousands of strangers' addresses, and an attacker who \
           rents one of them is never blocked.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find out which addresses inside the listed network are really needed.",
        "Replace the network by those addresses, or remove it.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users behind the removed addresses are blocked after too many wrong passwords.",
    )),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[&BROAD[0], &BROAD[1], &CRITICAL[0], &CRITICAL[1]],
    evaluate: Condition::Rule(Rule::AllowlistTooBroad {
        list: &ALLOWLIST,
        broad: &BROAD,
        critical: &CRITICAL,
    }),
};
