//! Scripts of the customer check passwords and read and write users: their code sees each password.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-custom-scripts",
    version: 1,
    title: "A database connection runs scripts of its own",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "The scripts see each password and hold credentials of your database; how it stores passwords \
           is up to it, and Auth0 checks none of that.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Review the scripts: queries with parameters, no passwords in logs, secrets in the configuration.",
        "Plan to move the users to the database of Auth0.",
    ])
    .without_call(),
    controls: &[&sets::PASSWORDS, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/enabledDatabaseCustomization",
        wrong: true,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?.enabled_database_customization.known().copied()
        }),
    })),
};
