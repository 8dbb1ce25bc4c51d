//! BOT-03: the passwordless flow is not challenged.

use super::{CHALLENGED, KIND, PASSWORDLESS, RESOURCE};
use crate::checks::prelude::*;

pub const CHECK: Check = Check {
    id: "bot-detection-passwordless-not-challenged",
    version: 1,
    title: "The passwordless flow is not challenged",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Programs ask for codes by the thousand to premium-rate numbers and are paid for it; \
           the tenant pays for every message.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &["bot-detection-off"],
    remediation: &super::remediation(&[
        "Choose to challenge passwordless logins When Risky.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Rule(Rule::Choice(Choice {
        kind: KIND,
        pointer: PASSWORDLESS,
        is_wrong: |tenant| super::is_never(|bots| &bots.challenge_passwordless_policy, tenant),
        right: CHALLENGED,
    })),
};
