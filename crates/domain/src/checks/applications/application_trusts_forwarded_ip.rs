//! APP-11: attack protection counts the address that the application states.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "application-trusts-forwarded-ip",
    version: 3,
    title: "An application may say which address its users come from",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Anyone who has its secret sends another address with each attempt, so brute-force \
           protection and IP throttling never see the same one twice.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Make sure that the application needs it: only a backend that logs users in itself \
         does.",
        "Under Advanced Settings > OAuth, switch Trust Token Endpoint IP Header off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "All users of the application count as one address, which can be throttled.",
    )),
    controls: &[&sets::BRUTE_FORCE, &sets::SUSPICIOUS_IP],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/is_token_endpoint_ip_header_trusted",
        wrong: true,
        of: SwitchOf::Applications(super::is_of_the_tenant, |app| {
            &app.is_token_endpoint_ip_header_trusted
        }),
    })),
};
