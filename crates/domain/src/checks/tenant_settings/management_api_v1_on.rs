//! The first version of the Management API, which Auth0 replaced in 2015, still answers.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "management-api-v1-on",
    version: 1,
    title: "The first version of the Management API is on",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "It takes credentials of the whole tenant, knows no scopes, and nobody watches it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Find what still calls it, in the tenant log.",
        "Under Settings > Advanced > Migrations, switch it off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes("Programs that still call it fail.")),
    controls: &[&sets::CONFIGURATION, &sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/enable_mgmt_api_v1",
        wrong: true,
        of: SwitchOf::TenantFlags(|flags| &flags.enable_mgmt_api_v1),
    })),
};
