//! TEN-05: signup reveals whether an address has an account.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "signup-reveals-existing-users",
    version: 2,
    title: "The signup reveals which users exist",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "An attacker tries a list of addresses and keeps those that have an account here: the \
           list to guess passwords for.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings, switch the user exists error of the public signup endpoint off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users who sign up a second time are no longer told so at once.",
    )),
    controls: &[&sets::BOT_DETECTION, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/enable_public_signup_user_exists_error",
        wrong: true,
        of: SwitchOf::TenantFlags(|flags| &flags.enable_public_signup_user_exists_error),
    })),
};
