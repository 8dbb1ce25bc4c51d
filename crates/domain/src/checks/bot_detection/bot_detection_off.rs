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
    // A challenge that is only logged, or hardly ever shown, would be the next finding.
    if bots.monitoring_mode_enabled.ok() == Some(&true) {
        change = change.with(set(MONITORING, json!(false)));
    }
    if bots.bot_detection_level.ok() == Some(&BotLevel::Low) {
        change = change.with(set(LEVEL, json!("medium")));
    }
    violation.fixed_by(change).into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, judge, reading, unknown, violation};

    fn with(password: &str, passwordless: &str, reset: &str) -> Judgement {
        let body = json!({"challenge_password_policy": password,
            "challenge_passwordless_policy": passwordless, "challenge_password_reset_policy": reset,
            "bot_detection_level": "medium", "monitoring_mode_enabled": false});
        judge(&CHECK, reading(KIND, body))
    }

    #[test]
    fn no_challenge_on_any_flow_fails() {
        let judged = with("never", "never", "never");
        assert_eq!(violation(judged.clone()).evidence.len(), 3);
        let all = |policy: &str| {
            json!({"challenge_password_policy": policy, "challenge_passwordless_policy": policy,
                "challenge_password_reset_policy": policy})
        };
        assert_eq!(change(judged), (all("when_risky"), all("never")));
    }

    #[test]
    fn the_fix_leaves_no_other_finding() {
        let body = json!({"challenge_password_policy": "never", "challenge_passwordless_policy": "never",
            "challenge_password_reset_policy": "never", "bot_detection_level": "low",
            "monitoring_mode_enabled": true});
        let (body, undo) = change(judge(&CHECK, reading(KIND, body)));
        assert_eq!(
            (&body["bot_detection_level"], &undo["bot_detection_level"]),
            (&json!("medium"), &json!("low"))
        );
        assert_eq!(body["monitoring_mode_enabled"], json!(false));
    }

    #[test]
    fn a_challenge_on_any_flow_passes_whatever_the_others_are() {
        assert_eq!(with("when_risky", "never", "never"), PASS);
        assert_eq!(with("never", "always", "sometimes"), PASS);
        assert_eq!(with("never", "never", "always"), PASS);
    }

    #[test]
    fn a_new_policy_or_a_missing_one_is_unknown() {
        assert_eq!(with("never", "never", "sometimes"), unknown());
        let missing = json!({"challenge_password_policy": "never"});
        assert_eq!(judge(&CHECK, reading(KIND, missing)), unknown());
    }
}
