//! Suspicious IP throttling: `attack-protection/suspicious-ip-throttling`. A `rate` is in milliseconds
//! between newly granted attempts, so a smaller one is looser.

pub mod suspicious_ip_admin_not_notified;
pub mod suspicious_ip_allowlist_near_limit;
pub mod suspicious_ip_allowlist_non_public_address;
pub mod suspicious_ip_allowlist_not_empty;
pub mod suspicious_ip_allowlist_too_broad;
pub mod suspicious_ip_login_rate_high;
pub mod suspicious_ip_login_threshold_high;
pub mod suspicious_ip_not_throttled;
pub mod suspicious_ip_signup_rate_loosest;
pub mod suspicious_ip_signup_threshold_high;
pub mod suspicious_ip_throttling_monitoring_only;
pub mod suspicious_ip_throttling_off;
pub mod suspicious_ip_token_exchange_loosened;

use super::allowlist::Allowlist;
use super::prelude::*;
use super::protection::{Flow, Protection};
use crate::readings::{SuspiciousIpThrottling, Throttle};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &suspicious_ip_throttling_off::CHECK,
    &suspicious_ip_throttling_monitoring_only::CHECK,
    &suspicious_ip_not_throttled::CHECK,
    &suspicious_ip_admin_not_notified::CHECK,
    &suspicious_ip_login_threshold_high::CHECK,
    &suspicious_ip_login_rate_high::CHECK,
    &suspicious_ip_signup_threshold_high::CHECK,
    &suspicious_ip_signup_rate_loosest::CHECK,
    &suspicious_ip_token_exchange_loosened::CHECK,
    &suspicious_ip_allowlist_not_empty::CHECK,
    &suspicious_ip_allowlist_too_broad::CHECK,
    &suspicious_ip_allowlist_non_public_address::CHECK,
    &suspicious_ip_allowlist_near_limit::CHECK,
];

const KIND: ReadingKind = ReadingKind::SuspiciousIpThrottling;
const RESOURCE: &str = "attack-protection/suspicious-ip-throttling";
const LOGIN: &str = "/stage/pre-login";
const SIGNUP: &str = "/stage/pre-user-registration";

const FLOW: Flow = Flow {
    pointer: "/shields",
    shields: |tenant| tenant.read::<SuspiciousIpThrottling>()?.shields.known(),
    response: &["admin_notification", "block"],
};

pub const PROTECTION: Protection = Protection {
    kind: KIND,
    enabled: |tenant| tenant.read::<SuspiciousIpThrottling>()?.enabled.known().copied(),
    flows: &[&FLOW],
    complete: |_, change| change,
};

pub const ALLOWLIST: Allowlist = Allowlist {
    kind: KIND,
    entries: |tenant| tenant.read::<SuspiciousIpThrottling>()?.allowlist.known(),
};

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Suspicious IP Throttling",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/suspicious-ip-throttling")),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users(
            "Addresses with too many attempts are slowed down, for everyone behind them.",
        ),
    }
}

fn login(tenant: &Tenant) -> Result<&Throttle, Inconclusive> {
    tenant.read::<SuspiciousIpThrottling>()?.stage.known()?.pre_login.known()
}

fn signup(tenant: &Tenant) -> Result<&Throttle, Inconclusive> {
    tenant.read::<SuspiciousIpThrottling>()?.stage.known()?.pre_user_registration.known()
}

/// The whole stage with good values, keeping those that are already stricter.
fn good_login(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Change {
    let good_attempts = terms.value_of(&suspicious_ip_login_threshold_high::MAX_ATTEMPTS);
    let good_rate_ms = terms.value_of(&suspicious_ip_login_rate_high::MIN_RATE_MS);
    let present = login(tenant).ok();
    let attempts = present.and_then(|stage| stage.max_attempts.ok()).map(|n| n.0);
    let rate = present.and_then(|stage| stage.rate.ok()).map(|n| n.0);
    let stricter = [
        ("max_attempts", json!(attempts.map_or(good_attempts, |n| n.min(good_attempts)))),
        ("rate", json!(rate.map_or(good_rate_ms, |n| n.max(good_rate_ms)))),
    ];
    Change::set_members(tenant, KIND, LOGIN, &stricter)
}
