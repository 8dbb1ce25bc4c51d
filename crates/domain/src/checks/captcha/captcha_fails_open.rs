//! CAP-02: the challenge lets everybody pass when its provider fails.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::readings::{Captcha, CaptchaProvider};

pub const CHECK: Check = Check {
    id: "captcha-fails-open",
    version: 1,
    title: "The active CAPTCHA provider fails open",
    severity: Severity::Medium,
    confidence: Confidence::High,
    risk: "While the provider is down, or an attacker keeps it from answering, everybody passes \
           unchallenged.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Open the settings of the active provider.",
        "Choose to fail closed: without the provider nobody passes the challenge.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let captcha = tenant.read::<Captcha>()?;
    let provider = *captcha.active_provider_id.known()?;
    let settings = captcha.settings(provider).filter(|_| provider.can_fail_open());
    let Some(settings) = settings else { return Ok(Verdict::Pass) };
    if !*settings.known()?.fail_open.known()? {
        return Ok(Verdict::Pass);
    }
    let pointer = format!("/{}/fail_open", provider.name());
    // Auth0 takes the settings of any other provider only with its secret, which nobody can read.
    let change = (provider == CaptchaProvider::AuthChallenge)
        .then(|| Change::set(tenant, KIND, &pointer, json!(false)));
    Violation::at(tenant, CHECK.severity, KIND, &pointer, &Expected::Is(json!(false)))
        .fixed_by_opt(change)
        .into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, change, evidence, judge, reading, unknown, violation};

    fn with(provider: &str, settings: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"active_provider_id": provider, provider: settings})))
    }

    #[test]
    fn failing_open_fails() {
        let judged = with("auth_challenge", json!({"fail_open": true}));
        assert_eq!(evidence(judged.clone()).0, "/auth_challenge/fail_open");
        let (body, undo) = change(judged);
        assert_eq!(body, json!({"auth_challenge": {"fail_open": false}}));
        assert_eq!(undo, json!({"auth_challenge": {"fail_open": true}}));
    }

    #[test]
    fn no_call_is_computed_for_a_provider_whose_secret_it_would_need() {
        let judged = violation(with("arkose", json!({"site_key": "k", "fail_open": true})));
        assert_eq!(judged.change, None);
    }

    #[test]
    fn failing_closed_and_providers_that_cannot_fail_open_pass() {
        assert_eq!(with("arkose", json!({"fail_open": false})), PASS);
        assert_eq!(with("hcaptcha", json!({"site_key": "k"})), PASS);
        let other = json!({"active_provider_id": "simple_captcha", "arkose": {"fail_open": true}});
        assert_eq!(judge(&CHECK, reading(KIND, other)), PASS);
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(with("arkose", json!({"site_key": "k"})), unknown());
        assert_eq!(with("auth_challenge", json!({"fail_open": "perhaps"})), unknown());
        assert_eq!(with("a_new_one", json!({"fail_open": false})), unknown());
        let no_settings = json!({"active_provider_id": "auth_challenge"});
        assert_eq!(judge(&CHECK, reading(KIND, no_settings)), unknown());
    }
}
