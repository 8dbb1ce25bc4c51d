//! BOT-01: no flow is ever challenged.

use super::{
    CHALLENGED, KIND, LEVEL, MONITORING, PASSWORD, PASSWORD_RESET, PASSWORDLESS, RESOURCE,
};
use crate::checks::prelude::*;
use crate::readings::{BotDetection, BotLevel};

pub const CHECK: Check = Check {
    id: "bot-detection-off",
    version: 1,
    title: "No flow is challenged for bots",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Programs log in, sign up and reset passwords as if they were people: credential \
           stuffing and fake accounts meet no obstacle.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "For password, passwordless and password reset, choose to challenge When Risky.",
        "Switch monitoring mode off, and set the sensitivity to medium or high.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

pub fn evaluate(tenant: &Tenant) -> Judgement {
    let bots = tenant.read::<BotDetection>()?;
    if super::some_challenged(bots)? {
        return Ok(Verdict::Pass);
    }
    let flows = [PASSWORD, PASSWORDLESS, PASSWORD_RESET];
    let set = |pointer: &str, value| Change::set(tenant, KIND, pointer, value);
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    let mut change = Change::nothing();
    for flow in flows {
        violation = violation.and(tenant, KIND, flow, &Expected::OneOf(CHALLENGED));
        change = change.with(set(flow, json!("when_risky")));
    }
    // A challenge that is only logged or rarely shown would be the next finding.
    if bots.monitoring_mode_enabled.ok() == Some(&true) {
        change = change.with(set(MONITORING, json!(false)));
    }
    if bots.bot_detection_level.ok() == Some(&BotLevel::Low) {
        change = change.with(set(LEVEL, json!("medium")));
    }
    violation.fixed_by(change).into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    no_challenge_on_any_flow_fails {
        {"/challenge_password_policy": "never", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never"} => fails {"count": 3,
            "fix": {"challenge_password_policy": "when_risky", "challenge_passwordless_policy": "when_risky",
                "challenge_password_reset_policy": "when_risky"},
            "undo": {"challenge_password_policy": "never", "challenge_passwordless_policy": "never",
                "challenge_password_reset_policy": "never"}};
    }
    the_fix_leaves_no_other_finding {
        {"/challenge_password_policy": "never", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never", "/bot_detection_level": "low",
            "/monitoring_mode_enabled": true} => fails {"fix/bot_detection_level": "medium",
            "undo/bot_detection_level": "low", "fix/monitoring_mode_enabled": false};
    }
    a_challenge_on_any_flow_passes_whatever_the_others_are {
        {"/challenge_passwordless_policy": "never", "/challenge_password_reset_policy": "never"} => passes;
        {"/challenge_password_policy": "never", "/challenge_password_reset_policy": "sometimes"} => passes;
        {"/challenge_password_policy": "never", "/challenge_passwordless_policy": "never"} => passes;
    }
}
