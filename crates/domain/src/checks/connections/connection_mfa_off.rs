//! The second factors of the tenant do not apply to the users of a database.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-mfa-off",
    version: 1,
    title: "MFA is off for a database connection",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Policies of the tenant ask the users of this connection for no second factor, while it seems \
           to be required.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Ask who switched it off for this connection, and why.",
        "Switch the multi-factor authentication of the connection on, by its option mfa.active.",
        "Save.",
    ])
    .without_call(),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/mfa/active",
        wrong: false,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?.mfa.known()?.active.known().copied()
        }),
    })),
};
