//! CAP-01: flows are to be challenged and there is no challenge.

use super::{KIND, PROVIDER, RESOURCE, STRONG};
use crate::checks::bot_detection::some_challenged;
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{BotDetection, Captcha, CaptchaProvider};

pub const CHECK: Check = Check {
    id: "captcha-provider-missing",
    version: 1,
    title: "Bots are to be challenged but no CAPTCHA provider is active",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "Bot detection decides that a request is risky and has no challenge to show, so \
           programs pass like people.",
    resource: RESOURCE,
    reads: &[ReadingKind::BotDetection, KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Choose Auth Challenge, or set up a provider of your own.",
        "Save, and log in once from a private window to see the challenge.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    three_valued::all_read(tenant, CHECK.reads)?;
    applies_when(some_challenged(tenant.read::<BotDetection>()?)?)?;
    if *tenant.read::<Captcha>()?.active_provider_id.known()? != CaptchaProvider::None {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, PROVIDER, &STRONG)
        .fixed_by(super::choose_auth_challenge(tenant))
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, feature_off, judge, readings, unknown};

    fn with(policy: &str, captcha: serde_json::Value) -> Judgement {
        let bots = json!({"challenge_password_policy": policy, "challenge_passwordless_policy": "never",
            "challenge_password_reset_policy": "never"});
        judge(&CHECK, readings(&[(ReadingKind::BotDetection, bots), (KIND, captcha)]))
    }

    #[test]
    fn no_provider_fails_once_a_flow_is_challenged() {
        let (body, undo) = change(with("always", json!({"active_provider_id": ""})));
        assert_eq!(body, json!({"active_provider_id": "auth_challenge"}));
        assert_eq!(undo, json!({"active_provider_id": ""}));
    }

    #[test]
    fn the_fix_fails_closed() {
        let captcha = json!({"active_provider_id": "", "auth_challenge": {"fail_open": true}});
        let (body, _) = change(with("always", captcha));
        assert_eq!(body["auth_challenge"], json!({"fail_open": false}));
    }

    #[test]
    fn any_provider_passes() {
        assert_eq!(with("when_risky", json!({"active_provider_id": "simple_captcha"})), PASS);
    }

    #[test]
    fn an_absent_or_new_provider_or_an_unread_resource_is_unknown() {
        assert_eq!(with("always", json!({"simple_captcha": {}, "arkose": {}})), unknown());
        assert_eq!(with("always", json!({"active_provider_id": "a_new_one"})), unknown());
        assert_eq!(with("sometimes", json!({"active_provider_id": ""})), unknown());
        let only_captcha = readings(&[(KIND, json!({"active_provider_id": ""}))]);
        assert!(matches!(judge(&CHECK, only_captcha), Err(Inconclusive::Unknown(_))));
    }

    #[test]
    fn without_any_challenge_there_is_nothing_to_judge() {
        assert_eq!(with("never", json!({"active_provider_id": ""})), feature_off());
    }
}
