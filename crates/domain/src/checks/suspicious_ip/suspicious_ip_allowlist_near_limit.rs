//! SIP-13: the allowlist is nearly full.

use super::{ALLOWLIST, KIND, RESOURCE};
use crate::checks::prelude::*;

const MANY_ENTRIES: Threshold = Threshold {
    check: "suspicious-ip-allowlist-near-limit",
    name: "many_entries",
    title: "Fails from so many entries on",
    unit: "entries",
    default: 80,
    min: 1,
    max: 100,
    not_above: None,
    source: "Specification, SIP-13: four fifths of the 100 that Auth0 takes.",
};

pub const CHECK: Check = Check {
    id: "suspicious-ip-allowlist-near-limit",
    version: 1,
    title: "The suspicious IP throttling allowlist is near its limit",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Auth0 takes 100 entries: soon none can be added in an emergency, and a list of that \
           length is no longer reviewed by anybody.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who owns each entry, what it is for and until when.",
        "Remove what nobody answers for, and join neighbouring addresses that belong \
         together.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "The removed addresses are slowed down after too many attempts.",
    ))
    .without_call(),
    controls: &[&sets::ALLOWLIST],
    thresholds: &[&MANY_ENTRIES],
    evaluate: Condition::Rule(Rule::AllowlistNearLimit { list: &ALLOWLIST, many: &MANY_ENTRIES }),
};
