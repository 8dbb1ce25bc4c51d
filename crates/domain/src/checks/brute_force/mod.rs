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

use super::prelude::*;

const KIND: ReadingKind = ReadingKind::BruteForceProtection;
const RESOURCE: &str = "attack-protection/brute-force-protection";

/// Attempts before the block: Auth0's default, and the limit of PCI DSS 4.0.1, 8.3.4.
const GOOD_ATTEMPTS: u64 = 10;
/// Above this the threshold is extreme; Auth0's range ends at 100 (specification, BFP-06).
const HIGH_ATTEMPTS_MAX: u64 = 50;
/// Counted over all addresses, so few failures let a stranger lock a user out (specification,
/// BFP-08).
const ABUSABLE_ATTEMPTS_MAX: u64 = 3;

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Brute-force Protection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/brute-force-protection")),
        required_scope: Some("update:attack_protection"),
    }
}

/// Blocks, and tells the user.
fn respond(tenant: &Tenant, change: Change) -> Change {
    change.also_adding(tenant, KIND, "/shields", &["block", "user_notification"])
}

/// The change to the threshold that is neither too high nor too low.
fn good_threshold(tenant: &Tenant) -> Change {
    Change::set(tenant, KIND, "/max_attempts", json!(GOOD_ATTEMPTS))
}
