//! CAP-05: a CAPTCHA policy overrides the default with something weaker.

use serde_json::json;

use super::super::{
    Check, Condition, Confidence, Evidence, Expected, Judgement, Remediation, Severity, Verdict,
    Violation, sets,
};
use crate::readings::{
    Captcha, CaptchaPolicies, CaptchaPolicy, CaptchaProvider, Field, ReadingKind,
};
use crate::tenant::{Tenant, Unjudged, UnknownReason};

const KIND: ReadingKind = ReadingKind::CaptchaPolicies;

pub const CHECK: Check = Check {
    id: "captcha-policy-weakens-default",
    version: 1,
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
    },
    controls: &[&sets::BOT],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Result<Vec<(String, Judgement)>, Unjudged> {
    let policies = tenant.read::<CaptchaPolicies>()?;
    let mut judged = Vec::with_capacity(policies.0.len());
    for (index, policy) in policies.0.iter().enumerate() {
        let id = policy.id.known()?;
        judged.push((format!("{}/{id}", CHECK.resource), judge(tenant, index, policy)));
    }
    Ok(judged)
}

fn judge(tenant: &Tenant, index: usize, policy: &CaptchaPolicy) -> Judgement {
    let action = policy.action.known()?;
    let provider = match &action.active_provider_id {
        Field::Absent => None,
        named => Some(*named.known()?),
    };
    let wrong = |pointer: &str, expected: &Expected| {
        let pointer = format!("/{index}/action/{pointer}");
        Ok(Verdict::Fail(Box::new(Violation::at(tenant, CHECK.severity, KIND, &pointer, expected))))
    };
    let settings = provider.and_then(|p| Some((p, action.settings(p)?)));
    if let Some((provider, Field::Known(settings))) = settings {
        match &settings.fail_open {
            Field::Known(true) => {
                let pointer = format!("{}/fail_open", provider.name());
                return wrong(&pointer, &Expected::Is(json!(false)));
            }
            Field::Known(false) | Field::Absent => {}
            Field::NotUnderstood(_) => return Err(not_understood()),
        }
    }
    if provider != Some(CaptchaProvider::SimpleCaptcha) {
        return Ok(Verdict::Pass);
    }
    match tenant.read::<Captcha>()?.active_provider_id.known()? {
        CaptchaProvider::SimpleCaptcha | CaptchaProvider::None => Ok(Verdict::Pass),
        stronger => {
            let violation = Violation::shown_by(
                CHECK.severity,
                vec![Evidence {
                    reading: KIND,
                    pointer: format!("/{index}/action/active_provider_id"),
                    found: json!(CaptchaProvider::SimpleCaptcha.name()),
                    expected: json!(stronger.name()),
                }],
            );
            Ok(Verdict::Fail(Box::new(violation)))
        }
    }
}

fn not_understood() -> Unjudged {
    Unjudged::Unknown(UnknownReason::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{judge_each, readings};

    fn tenant(default: &str, policies: serde_json::Value) -> Tenant {
        readings(&[
            (ReadingKind::Captcha, json!({"active_provider_id": default})),
            (KIND, policies),
        ])
    }

    #[test]
    fn each_policy_is_judged_by_itself() {
        let judged = judge_each(
            &CHECK,
            tenant(
                "auth_challenge",
                json!([
                    {"id": "a", "action": {"active_provider_id": "simple_captcha"}},
                    {"id": "b", "action": {"active_provider_id": "arkose", "arkose": {"fail_open": true}}},
                    {"id": "c", "action": {"active_provider_id": "hcaptcha", "hcaptcha": {"site_key": "k"}}},
                    {"id": "d", "action": {"active_provider_id": "a_new_one"}},
                ]),
            ),
        )
        .unwrap();
        let names: Vec<_> = judged.iter().map(|(resource, j)| (resource.as_str(), j)).collect();
        assert!(matches!(names[0], ("attack-protection/captcha/policies/a", Ok(Verdict::Fail(_)))));
        assert!(matches!(names[1].1, Ok(Verdict::Fail(_))));
        assert_eq!(names[2].1, &Ok(Verdict::Pass));
        assert_eq!(names[3].1, &Err(not_understood()));
    }

    #[test]
    fn the_same_simple_challenge_as_the_default_weakens_nothing() {
        let policies = json!([{"id": "a", "action": {"active_provider_id": "simple_captcha"}}]);
        let judged = judge_each(&CHECK, tenant("simple_captcha", policies)).unwrap();
        assert_eq!(judged[0].1, Ok(Verdict::Pass));
    }
}
