//! CON-03: anybody can create an account. Intended by many products, forgotten by others.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-public-signup",
    version: 2,
    title: "A database connection is open to public signup",
    severity: Severity::Info,
    confidence: Confidence::Medium,
    risk: "Where only invited people should have accounts, strangers make their own, and bots \
           make many.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Decide whether strangers should be able to sign up.",
        "If not, switch Disable Sign Ups on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "People without an account can no longer make one themselves.",
    ))
    .without_call(),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/disable_signup",
        wrong: false,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?.disable_signup.known().copied()
        }),
    })),
};
