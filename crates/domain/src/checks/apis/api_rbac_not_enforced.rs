//! API-04: roles do not decide what a user may do at an API. Not for the Management API, which has no roles.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "api-rbac-not-enforced",
    version: 3,
    title: "An API does not enforce role-based access control",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Every user gets every scope that the application asks for, so the API alone has to \
           know who may do what.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Give your users roles that hold the permissions of the API.",
        "Under Settings > RBAC Settings, enable RBAC.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Users get only the permissions of their roles; assign the roles first.",
    )),
    controls: &[&sets::LEAST_PRIVILEGE],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/enforce_policies",
        wrong: false,
        of: SwitchOf::Apis(super::is_of_the_customer, |api| &api.enforce_policies),
    })),
};
