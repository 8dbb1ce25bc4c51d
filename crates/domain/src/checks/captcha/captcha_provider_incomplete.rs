//! CAP-03: the active provider is not set up.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::three_valued;
use crate::readings::{Captcha, CaptchaProvider, Field};

pub const CHECK: Check = Check {
    id: "captcha-provider-incomplete",
    version: 1,
    title: "The active CAPTCHA provider has no site key",
    severity: Severity::High,
    confidence: Confidence::High,
    risk: "The challenge that bots are to meet cannot work without its key: it stops real users, \
           or nobody.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Get a site key and a secret from the provider.",
        "Enter them in the settings of the active provider; reCAPTCHA Enterprise needs its \
         project ID too.",
        "Save, and log in once from a private window to see the challenge.",
    ])
    .without_call(),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    let captcha = tenant.read::<Captcha>()?;
    let provider = *captcha.active_provider_id.known()?;
    let settings = captcha.settings(provider).filter(|_| provider.needs_keys());
    let Some(settings) = settings else { return Ok(Verdict::Pass) };
    let settings = settings.known()?;
    let mut needed = vec![("site_key", &settings.site_key)];
    if provider == CaptchaProvider::RecaptchaEnterprise {
        needed.push(("project_id", &settings.project_id));
    }
    let is_empty = |field: &Field<String>| field.known().map(String::is_empty);
    if !three_valued::any(needed.iter().map(|(_, field)| is_empty(field)))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    for (key, _) in needed.iter().filter(|(_, field)| is_empty(field) == Ok(true)) {
        let pointer = format!("/{}/{key}", provider.name());
        violation = violation.and(tenant, KIND, &pointer, &Expected::SET);
    }
    // The call needs the keys and the secret, which nobody can compute.
    violation.into_failure()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge, reading, unknown, violation};

    fn with(provider: &str, settings: serde_json::Value) -> Judgement {
        judge(&CHECK, reading(KIND, json!({"active_provider_id": provider, provider: settings})))
    }

    #[test]
    fn an_empty_site_key_fails_for_every_provider_with_keys() {
        for provider in ["arkose", "friendly_captcha", "hcaptcha", "recaptcha_v2"] {
            let judged = with(provider, json!({"site_key": ""}));
            let (pointer, _, expected) = evidence(judged);
            assert_eq!(pointer, format!("/{provider}/site_key"));
            assert_eq!(expected, json!({"at_least": 1}));
            assert_eq!(with(provider, json!({"site_key": "k"})), PASS);
        }
    }

    #[test]
    fn recaptcha_enterprise_needs_its_project_too() {
        let judged = with("recaptcha_enterprise", json!({"site_key": "k", "project_id": ""}));
        assert_eq!(evidence(judged).0, "/recaptcha_enterprise/project_id");
        assert_eq!(with("recaptcha_enterprise", json!({"site_key": "k", "project_id": "p"})), PASS);
        assert_eq!(with("recaptcha_enterprise", json!({"site_key": "k"})), unknown());
        violation(with("recaptcha_enterprise", json!({"site_key": ""})));
    }

    #[test]
    fn providers_without_keys_pass() {
        for provider in ["auth_challenge", "simple_captcha", ""] {
            assert_eq!(judge(&CHECK, reading(KIND, json!({"active_provider_id": provider}))), PASS);
        }
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        assert_eq!(with("hcaptcha", json!({})), unknown());
        assert_eq!(with("a_new_one", json!({"site_key": ""})), unknown());
        assert_eq!(
            judge(&CHECK, reading(KIND, json!({"active_provider_id": "arkose"}))),
            unknown()
        );
    }
}
