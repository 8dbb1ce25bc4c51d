//! CON-05: users cannot log in with passkeys, which resist phishing.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "connection-no-passkey",
    version: 2,
    title: "A database connection does not offer passkeys",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Every user has a password that can be guessed, reused or phished, because there is \
           no other way in.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Authentication Methods, switch Passkey on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::on_users(
        "Users are offered a passkey; passwords keep working.",
    ))
    .without_call(),
    controls: &[&sets::MFA],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/options/authentication_methods/passkey/enabled",
        wrong: false,
        of: SwitchOf::Connections(super::is_database, |connection| {
            super::options(connection)?
                .authentication_methods
                .known()?
                .passkey
                .known()?
                .enabled
                .known()
                .copied()
        }),
    })),
};
