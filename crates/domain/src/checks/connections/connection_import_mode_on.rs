//! Users are copied from the database of the customer at their first login: for the time of a migration.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-import-mode-on",
    version: 1,
    title: "A database connection still imports users",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Each login that Auth0 does not know is tried at your old database: its accounts and weaknesses \
           stay reachable for as long as this is on.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "See how many users are left to import.",
        "Import the rest in bulk, or let them reset their passwords.",
        "Under Custom Database, switch Import Users to Auth0 off, and save.",
    ])
    .without_call(),
    controls: &[&sets::CONFIGURATION, &sets::PASSWORDS],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/import_mode",
        wrong: true,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?.import_mode.known().copied()
        }),
    })),
};
