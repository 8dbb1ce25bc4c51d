//! BFP-12: the allowlist has malformed or redundant entries.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "brute-force-allowlist-overlapping",
    version: 1,
    title: "The brute-force protection allowlist has duplicate, overlapping or malformed entries",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "A list that nobody can read hides the entry that exempts an attacker, and removing one \
           of two overlapping entries changes nothing.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Remove the listed entries: another entry covers each of them, or they are no \
         addresses.",
        "Save.",
    ])
    .with_side_effects(SideEffects::none("Users notice nothing: the same addresses stay exempt.")),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::AllowlistOverlapping(&ALLOWLIST)),
};
