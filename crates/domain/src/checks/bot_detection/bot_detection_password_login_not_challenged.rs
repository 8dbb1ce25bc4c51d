//! BOT-02: a password login is not challenged.

use super::{CHALLENGED, KIND, PASSWORD, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "bot-detection-password-login-not-challenged",
    version: 1,
    title: "A password login is not challenged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs try stolen passwords one after the other, and no login looks risky enough to \
           be asked whether a person sits there.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&["Choose to challenge password logins When Risky.", "Save."]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Choice(Choice {
        kind: KIND,
        pointer: PASSWORD,
        is_wrong: |tenant| super::is_never(|bots| &bots.challenge_password_policy, tenant),
        right: CHALLENGED,
    })),
};
