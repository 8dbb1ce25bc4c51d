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

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Brute-force Protection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/brute-force-protection")),
        required_scope: Some("update:attack_protection"),
    }
}

/// Changes the threshold to one that is neither too high nor too low.
fn good_threshold(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Change {
    let good = terms.value_of(&brute_force_threshold_high::MAX_ATTEMPTS);
    Change::set(tenant, KIND, "/max_attempts", json!(good))
}
