//! APP-05: users type passwords into pages of the application, which sends them to Auth0.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "application-cross-origin-authentication",
    version: 2,
    title: "An application may use cross-origin authentication",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Users type their password outside of the login page, so a script on any page of the \
           application can read it, and it rests on third-party cookies.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Move the application to Universal Login.",
        "Under Advanced Settings, switch cross-origin authentication off.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "A login form on the application's own pages stops working; Universal Login takes \
         its place.",
    )),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/cross_origin_authentication",
        wrong: true,
        of: SwitchOf::Applications(super::is_of_the_tenant, |app| &app.cross_origin_authentication),
    })),
};
