//! TEN-06: anybody who knows a client ID can have codes sent.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "passwordless-start-without-client-authentication",
    version: 2,
    title: "Passwordless flows start without client authentication",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Anyone who knows a public client ID can have messages sent to any number or address, at \
           your cost and in your name.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let confidential applications that start passwordless flows send their secret.",
        "Under Settings, switch client authentication on passwordless start on.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Applications on a server have to authenticate to start a passwordless login.",
    )),
    controls: &[&sets::SUSPICIOUS_IP, &sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/enforce_client_authentication_on_passwordless_start",
        wrong: false,
        of: SwitchOf::TenantFlags(|flags| {
            &flags.enforce_client_authentication_on_passwordless_start
        }),
    })),
};
