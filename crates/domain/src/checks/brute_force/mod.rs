//! Brute-force protection: `attack-protection/brute-force-protection`.

pub mod brute_force_attempts_not_blocked;
pub mod brute_force_protection_off;

use super::{Method, Remediation};

const DASHBOARD: &str = "Security > Attack Protection > Brute-force Protection";
const CALL: Option<(Method, &str)> =
    Some((Method::Patch, "/api/v2/attack-protection/brute-force-protection"));
const SCOPE: Option<&str> = Some("update:attack_protection");
const RESOURCE: &str = "attack-protection/brute-force-protection";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation { dashboard_path: DASHBOARD, steps, call: CALL, required_scope: SCOPE }
}
