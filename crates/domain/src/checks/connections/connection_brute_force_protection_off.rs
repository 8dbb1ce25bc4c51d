//! CON-04: brute-force protection is off for a connection, whatever the tenant's setting.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-brute-force-protection-off",
    version: 2,
    title: "Brute-force protection is off for a database connection",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Passwords of the users of this connection can be guessed without limit, while the \
           tenant seems protected.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "On the connection, switch Brute Force Protection on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users who enter too many wrong passwords are blocked until they are unblocked.",
    ))
    .without_call(),
    controls: &[&sets::BRUTE_FORCE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/brute_force_protection",
        wrong: false,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?.brute_force_protection.known().copied()
        }),
    })),
};
