//! CAP-03: the active provider is not configured.

use super::{KIND, RESOURCE};
use crate::checks::prelude::*;
use crate::checks::unknown;
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
    .with_side_effects(SideEffects::after_changes(
        "Needs the keys of an account with the CAPTCHA provider.",
    ))
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
    if !unknown::any(needed.iter().map(|(_, field)| is_empty(field)))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(CHECK.severity, Vec::new());
    for (key, _) in needed.iter().filter(|(_, field)| is_empty(field) == Ok(true)) {
        let pointer = format!("/{}/{key}", provider.name());
        violation = violation.and(tenant, KIND, &pointer, &Expected::SET);
    }
    // No computed fix: the call needs the provider's keys and secret.
    violation.into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/active_provider_id";
    an_empty_site_key_fails_for_every_provider_with_keys {
        "arkose" => fails {"at": "/arkose/site_key", "expected": {"at_least": 1}};
        "friendly_captcha" => fails {"at": "/friendly_captcha/site_key"};
        "hcaptcha" => fails {"at": "/hcaptcha/site_key"};
        "recaptcha_v2" => fails {"at": "/recaptcha_v2/site_key"};
        {"/active_provider_id": "arkose", "/arkose/site_key": "k"},
        {"/active_provider_id": "friendly_captcha", "/friendly_captcha/site_key": "k"},
        {"/active_provider_id": "hcaptcha", "/hcaptcha/site_key": "k"},
        {"/active_provider_id": "recaptcha_v2", "/recaptcha_v2/site_key": "k"} => passes;
    }
    recaptcha_enterprise_needs_its_project_too {
        {"/active_provider_id": "recaptcha_enterprise", "/recaptcha_enterprise": {"site_key": "k", "project_id": ""}}
            => fails {"at": "/recaptcha_enterprise/project_id"};
        {"/active_provider_id": "recaptcha_enterprise", "/recaptcha_enterprise": {"site_key": "k", "project_id": "p"}}
            => passes;
        {"/active_provider_id": "recaptcha_enterprise", "/recaptcha_enterprise": {"site_key": "k"}} => unknown;
        {"/active_provider_id": "recaptcha_enterprise", "/recaptcha_enterprise": {"site_key": ""}} => fails;
    }
    providers_without_keys_pass_and_what_is_missing_or_new_is_unknown {
        "auth_challenge", "simple_captcha", "" => passes;
        "a_new_one", {"/active_provider_id": "hcaptcha", "/hcaptcha": {}},
        {"/active_provider_id": "arkose", "/arkose": "(absent)"} => unknown;
    }
}
