//! Brute-force protection: `attack-protection/brute-force-protection`.

pub mod brute_force_allowlist_non_public_address;
pub mod brute_force_allowlist_not_empty;
pub mod brute_force_allowlist_overlapping;
pub mod brute_force_allowlist_too_broad;
pub mod brute_force_attempts_not_blocked;
pub mod brute_force_distributed_guessing_not_counted;
pub mod brute_force_lockout_abusable;
pub mod brute_force_protection_monitoring_only;
pub mod brute_force_protection_off;
pub mod brute_force_threshold_extreme;
pub mod brute_force_threshold_high;
pub mod brute_force_user_not_notified;

use super::allowlist::Allowlist;
use super::prelude::*;
use super::protection::{Flow, Protection};
use crate::readings::BruteForceProtection;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &brute_force_protection_off::CHECK,
    &brute_force_protection_monitoring_only::CHECK,
    &brute_force_attempts_not_blocked::CHECK,
    &brute_force_user_not_notified::CHECK,
    &brute_force_threshold_high::CHECK,
    &brute_force_threshold_extreme::CHECK,
    &brute_force_distributed_guessing_not_counted::CHECK,
    &brute_force_lockout_abusable::CHECK,
    &brute_force_allowlist_not_empty::CHECK,
    &brute_force_allowlist_too_broad::CHECK,
    &brute_force_allowlist_non_public_address::CHECK,
    &brute_force_allowlist_overlapping::CHECK,
];

const KIND: ReadingKind = ReadingKind::BruteForceProtection;
const RESOURCE: &str = "attack-protection/brute-force-protection";

const FLOW: Flow = Flow {
    pointer: "/shields",
    shields: |tenant| tenant.read::<BruteForceProtection>()?.shields.known(),
    response: &["block", "user_notification"],
};

pub const PROTECTION: Protection = Protection {
    kind: KIND,
    enabled: |tenant| tenant.read::<BruteForceProtection>()?.enabled.known().copied(),
    flows: &[&FLOW],
    complete: |_, change| change,
};

pub const ALLOWLIST: Allowlist = Allowlist {
    kind: KIND,
    entries: |tenant| tenant.read::<BruteForceProtection>()?.allowlist.known(),
};

/// Above [`EXTREME`] the next check fails instead.
const HIGH: Threshold = Threshold {
    check: "brute-force-threshold-high",
    name: "max_attempts",
    title: "Fails when brute-force protection allows more than",
    unit: "attempts",
    default: 10,
    min: 1,
    max: 100,
    not_above: Some(&EXTREME),
    source: "Auth0's default, and the limit of PCI DSS 4.0.1, 8.3.4.",
};

const EXTREME: Threshold = Threshold {
    check: "brute-force-threshold-extreme",
    name: "max_attempts",
    title: "Fails when brute-force protection allows more than",
    unit: "attempts",
    default: 50,
    min: 1,
    max: 100,
    not_above: None,
    source: "Specification, BFP-06; Auth0's range ends at 100.",
};

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Brute-force Protection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/brute-force-protection")),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users(
            "Users who enter too many wrong passwords are blocked until they are unblocked.",
        ),
    }
}

/// Changes the threshold to one that is neither too high nor too low.
fn good_threshold(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Change {
    let good = terms.value_of(&HIGH);
    Change::set(tenant, KIND, "/max_attempts", json!(good))
}
