//! TEN-03: the classic login page may be framed by any other page.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "clickjacking-headers-off",
    version: 1,
    title: "The headers against clickjacking are switched off",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Another site can show the login page in an invisible frame and have users type or \
           click into it.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Under Migrations, switch on the clickjacking protection for Classic Universal Login.",
        "Save.",
    ])
    .with_side_effects(SideEffects::after_changes(
        "Sites that show the login page in a frame no longer can.",
    )),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/disable_clickjack_protection_headers",
        wrong: true,
        of: SwitchOf::TenantFlags(|flags| &flags.disable_clickjack_protection_headers),
    })),
};
