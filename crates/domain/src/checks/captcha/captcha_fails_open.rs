//! CAP-02: all users pass if the provider of the challenge fails.

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
    ])
    .with_side_effects(SideEffects::on_users(
        "While the CAPTCHA provider is down, challenged users cannot log in.",
    )),
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
    // Auth0 accepts settings of other providers only with their secret, which is never returned.
    let change = (provider == CaptchaProvider::AuthChallenge)
        .then(|| Change::set(tenant, KIND, &pointer, json!(false)));
    Violation::at(tenant, CHECK.severity, KIND, &pointer, &Expected::Is(json!(false)))
        .fixed_by_opt(change)
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/auth_challenge/fail_open";
    failing_open_fails {
        true => fails {"at": "/auth_challenge/fail_open", "fix": {"auth_challenge": {"fail_open": false}},
            "undo": {"auth_challenge": {"fail_open": true}}};
    }
    no_call_is_computed_for_a_provider_whose_secret_it_would_need {
        {"/active_provider_id": "arkose", "/arkose": {"site_key": "k", "fail_open": true}} => fails {"fix": null};
    }
    failing_closed_and_providers_that_cannot_fail_open_pass {
        {"/active_provider_id": "arkose", "/arkose/fail_open": false}, {"/active_provider_id": "hcaptcha"},
        {"/active_provider_id": "simple_captcha", "/arkose/fail_open": true} => passes;
    }
    what_is_missing_or_new_is_unknown {
        {"/active_provider_id": "arkose", "/arkose": {"site_key": "k"}} => unknown;
        {"/active_provider_id": "a_new_one"} => unknown;
    }
}
