//! APP-10: an application uses Auth0's behaviour from before OpenID Connect.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "application-not-oidc-conformant",
    version: 3,
    title: "An application is not OIDC conformant",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "It gets tokens by legacy flows, with profiles in ID tokens and opaque access tokens \
           that every API takes.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Let the application ask for tokens as OpenID Connect has it.",
        "Under Advanced Settings > OAuth, switch OIDC Conformant on.",
        "Save.",
    ]),
    controls: &[&sets::OAUTH],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/oidc_conformant",
        wrong: false,
        of: SwitchOf::Applications(super::is_of_the_tenant, |app| &app.oidc_conformant),
    })),
};
