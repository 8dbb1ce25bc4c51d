//! The customer's code that runs at Auth0, and the login experience.

pub mod action_not_deployed;
pub mod action_runtime_outdated;
pub mod classic_login_experience;
pub mod legacy_rules_or_hooks;

use super::prelude::*;

/// Without a call by default.
const fn remediation(path: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation { dashboard_path: path, steps, call: None, required_scope: None }
}
