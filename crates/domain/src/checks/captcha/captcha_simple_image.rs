//! CAP-04: the challenge is a simple image.

use super::{KIND, PROVIDER, RESOURCE, STRONG};
use crate::checks::prelude::*;
use crate::readings::{Captcha, CaptchaPolicies, CaptchaProvider};

pub const CHECK: Check = Check {
    id: "captcha-simple-image",
    version: 1,
    title: "The simple image CAPTCHA is in use",
    severity: Severity::Low,
    confidence: Confidence::High,
    risk: "Programs read the letters about as well as people do, while people who use a screen \
           reader cannot pass at all.",
    resource: RESOURCE,
    reads: &[KIND],
    parents: &[],
    remediation: &super::remediation(&[
        "Choose Auth Challenge, or set up a provider of your own.",
        "Choose the same in every CAPTCHA policy that uses the simple image.",
        "Save.",
    ]),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    if *tenant.read::<Captcha>()?.active_provider_id.known()? != CaptchaProvider::SimpleCaptcha {
        return Ok(Verdict::Pass);
    }
    // A policy with the same image would then weaken the default: no single call fixes both.
    let change = (!is_used_by_a_policy(tenant)).then(|| super::choose_auth_challenge(tenant));
    Violation::at(tenant, CHECK.severity, KIND, PROVIDER, &STRONG)
        .fixed_by_opt(change)
        .into_failure()
}

fn is_used_by_a_policy(tenant: &Tenant) -> bool {
    let policies = tenant.find::<CaptchaPolicies>().map_or(&[][..], |policies| &policies.0);
    policies
        .iter()
        .filter_map(|policy| policy.action.ok())
        .any(|action| action.active_provider_id.ok() == Some(&CaptchaProvider::SimpleCaptcha))
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK "/active_provider_id";
    the_simple_image_fails {
        "simple_captcha" => fails {"at": "/active_provider_id", "fix": {"active_provider_id": "auth_challenge"},
            "undo": {"active_provider_id": "simple_captcha"}};
        "auth_challenge", "hcaptcha", "" => passes;
    }
    no_call_is_computed_while_a_policy_uses_it_too {
        {"/active_provider_id": "simple_captcha",
            "captcha_policies": [{"id": "a", "action": {"active_provider_id": "simple_captcha"}}]}
            => fails {"fix": null};
    }
}
