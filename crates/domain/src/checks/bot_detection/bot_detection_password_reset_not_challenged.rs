//! BOT-04: a password reset is not challenged.

use super::{CHALLENGED, KIND, PASSWORD_RESET, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "bot-detection-password-reset-not-challenged",
    version: 1,
    title: "A password reset is not challenged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs flood users with reset messages and find out which accounts exist.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&["Choose to challenge password resets When Risky.", "Save."]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Choice(Choice {
        kind: KIND,
        pointer: PASSWORD_RESET,
        is_wrong: |tenant| super::is_never(|bots| &bots.challenge_password_reset_policy, tenant),
        right: CHALLENGED,
    })),
};
