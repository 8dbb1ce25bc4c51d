//! The customer's code that runs at Auth0, and the login experience.

pub mod action_not_deployed;
pub mod action_runtime_outdated;
pub mod classic_login_experience;
pub mod legacy_rules_or_hooks;

use super::prelude::*;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &action_runtime_outdated::CHECK,
    &action_not_deployed::CHECK,
    &legacy_rules_or_hooks::CHECK,
    &classic_login_experience::CHECK,
];

/// Without a call by default.
const fn remediation(path: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: path,
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::after_changes(
            "The tenant's own code has to be adapted and tested first.",
        ),
    }
}
