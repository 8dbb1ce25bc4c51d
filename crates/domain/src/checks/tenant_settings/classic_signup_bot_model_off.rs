//! TEN-10: classic login uses the older bot model for signups. Matters only where that login is used, which other
//! settings decide.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "classic-signup-bot-model-off",
    version: 1,
    title: "The newer bot model is off for signups of the classic login",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    risk: "Signups on the classic login are judged by an older model, so more bots get through.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Switch the flag on by the API call: the dashboard does not show it in every tenant.",
        "Watch the signups of the next days in the tenant log.",
    ])
    .with_side_effects(SideEffects::on_users("Some signups are asked to pass a CAPTCHA.")),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Switch(Switch {
        pointer: "/flags/improved_signup_bot_detection_in_classic",
        wrong: false,
        of: SwitchOf::TenantFlags(|flags| &flags.improved_signup_bot_detection_in_classic),
    })),
};
