//! CAP-05: a CAPTCHA policy overrides the default with something weaker.

use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::checks::unknown;
use crate::inconclusive::NotApplicableReason;
use crate::readings::{
    Captcha, CaptchaAction, CaptchaPolicies, CaptchaPolicy, CaptchaProvider, Field,
};

const KIND: ReadingKind = ReadingKind::CaptchaPolicies;

pub const CHECK: Check = Check {
    id: "captcha-policy-weakens-default",
    version: 2,
    title: "A CAPTCHA policy weakens the default",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "Requests that match the policy meet a weaker challenge than everybody else, so an \
           attacker only has to look like them.",
    resource: "attack-protection/captcha/policies",
    reads: &[KIND, ReadingKind::Captcha],
    parents: &[],
    remediation: &Remediation {
        dashboard_path: "Security > Attack Protection > Bot Detection > CAPTCHA policies",
        steps: &["Open the policy.", "Choose the default provider, and fail closed.", "Save."],
        call: None,
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users(
            "Users whom the policy covers see the challenge of the default.",
        ),
    },
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    unknown::all_read(tenant, CHECK.reads)?;
    each::<CaptchaPolicies>(tenant, all_of_them, judge)
}

fn judge(policy: &Object<'_, CaptchaPolicy>) -> Judgement {
    let action = policy.item.action.known()?;
    let provider = match &action.active_provider_id {
        Field::Absent | Field::Known(CaptchaProvider::None) => return matches_default(action),
        named => *named.known()?,
    };
    let wrong = |pointer: &str, expected: Expected| {
        policy.wrong(CHECK.severity, &format!("/action/{pointer}"), &expected).into_failure()
    };
    if let Some(settings) = action.settings(provider).filter(|_| provider.can_fail_open())
        && *settings.known()?.fail_open.known()?
    {
        let pointer = format!("{}/fail_open", provider.name());
        return wrong(&pointer, Expected::Is(json!(false)));
    }
    if provider != CaptchaProvider::SimpleCaptcha {
        return Ok(Verdict::Pass);
    }
    match *policy.tenant.read::<Captcha>()?.active_provider_id.known()? {
        CaptchaProvider::SimpleCaptcha | CaptchaProvider::None => Ok(Verdict::Pass),
        stronger => wrong("active_provider_id", Expected::Is(json!(stronger.name()))),
    }
}

/// A policy without a provider does not override it. It is unclear which provider its settings are for, so settings
/// that may fail open make it unknown.
fn matches_default(action: &CaptchaAction) -> Judgement {
    let could_fail_open =
        [&action.auth_challenge, &action.arkose].into_iter().any(|settings| match settings {
            Field::NotUnderstood(_) => true,
            other => other.ok().is_some_and(|settings| {
                !settings.fail_open.is_absent() && settings.fail_open.ok() != Some(&false)
            }),
        });
    if could_fail_open {
        return Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
    }
    Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureOff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, feature_off, judge_each, readings, unknown};

    fn tenant(default: &str, policies: serde_json::Value) -> Tenant {
        readings(&[
            (ReadingKind::Captcha, json!({"active_provider_id": default})),
            (KIND, policies),
        ])
    }

    fn only(default: &str, action: serde_json::Value) -> Judgement {
        let policies = json!([{"id": "a", "action": action}]);
        judge_each(&CHECK, tenant(default, policies)).unwrap().remove(0).1
    }

    #[test]
    fn each_policy_is_judged_by_itself() {
        let policies = json!([
            {"id": "a", "action": {"active_provider_id": "simple_captcha"}},
            {"id": "b", "action": {"active_provider_id": "hcaptcha", "hcaptcha": {"site_key": "k"}}},
            {"action": {"active_provider_id": "simple_captcha"}},
        ]);
        let judged = judge_each(&CHECK, tenant("auth_challenge", policies)).unwrap();
        assert_eq!(judged[0], (CHECK.resource.to_owned(), unknown()));
        assert_eq!(judged[1].0, "attack-protection/captcha/policies/a");
        let (pointer, found, expected) = evidence(judged[1].1.clone());
        assert_eq!(pointer, "/action/active_provider_id");
        assert_eq!((found, expected), (json!("simple_captcha"), json!("auth_challenge")));
        assert_eq!(judged[2].1, PASS);
    }

    #[test]
    fn another_policy_before_it_changes_nothing() {
        let weak = json!({"id": "w", "action": {"active_provider_id": "simple_captcha"}});
        let good = json!({"id": "z", "action": {"active_provider_id": "hcaptcha"}});
        let finding = |policies: serde_json::Value| {
            let mut judged = judge_each(&CHECK, tenant("auth_challenge", policies)).unwrap();
            judged.retain(|(key, _)| key.ends_with("/w"));
            judged
        };
        assert_eq!(finding(json!([weak])), finding(json!([good, weak])));
    }

    #[test]
    fn failing_open_fails_and_failing_closed_passes() {
        let arkose = |fail_open: bool| json!({"active_provider_id": "arkose", "arkose": {"fail_open": fail_open}});
        assert_eq!(evidence(only("arkose", arkose(true))).0, "/action/arkose/fail_open");
        assert_eq!(only("arkose", arkose(false)), PASS);
    }

    #[test]
    fn the_same_simple_challenge_as_the_default_weakens_nothing() {
        assert_eq!(only("simple_captcha", json!({"active_provider_id": "simple_captcha"})), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        for action in [
            json!({"active_provider_id": "a_new_one"}),
            json!({"active_provider_id": "arkose"}),
            json!({"active_provider_id": "arkose", "arkose": {"site_key": "k"}}),
            json!({"arkose": {"fail_open": true}}),
        ] {
            assert_eq!(only("hcaptcha", action.clone()), unknown(), "{action}");
        }
        assert_eq!(only("a_new_one", json!({"active_provider_id": "simple_captcha"})), unknown());
    }

    #[test]
    fn an_unread_default_is_unknown() {
        let judged = judge_each(&CHECK, readings(&[(KIND, json!([]))]));
        assert!(matches!(judged, Err(Inconclusive::Unknown(_))));
    }

    #[test]
    fn a_policy_that_names_no_provider_has_nothing_to_judge() {
        assert_eq!(only("hcaptcha", json!({"arkose": {"fail_open": false}})), feature_off());
    }
}
