//! Each new application can log in the users of every connection, until somebody takes them away.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "new-applications-get-every-connection",
    version: 1,
    title: "New applications get every connection",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Users of a partner, or of a test directory, can log in to applications that are not meant for \
           them, because nobody took the connection away.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Settings > Advanced > Settings, switch Enable Application Connections off.",
        "Review the connections of your applications.",
    ]),
    controls: &[&sets::LEAST_PRIVILEGE, &sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/enable_client_connections",
        wrong: true,
        of: SwitchOf::TenantFlags(|flags| &flags.enable_client_connections),
    })),
};
