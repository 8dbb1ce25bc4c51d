//! CAP-01: flows are challenged, but there is no provider of challenges.

use super::{KIND, PROVIDER, RESOURCE, STRONG};
use crate::checks::bot_detection::some_challenged;
use crate::checks::prelude::*;
use crate::checks::unknown;
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
    ])
    .with_side_effects(SideEffects::on_users(
        "Users whom bot detection suspects have to pass a challenge.",
    )),
    controls: &[&sets::BOT_DETECTION],
    thresholds: &[],
    evaluate: Condition::One(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgement {
    unknown::all_read(tenant, CHECK.reads)?;
    applies_when(some_challenged(tenant.read::<BotDetection>()?)?)?;
    if *tenant.read::<Captcha>()?.active_provider_id.known()? != CaptchaProvider::None {
        return Ok(Verdict::Pass);
    }
    Violation::at(tenant, CHECK.severity, KIND, PROVIDER, &STRONG)
        .fixed_by(super::choose_auth_challenge(tenant))
        .into_failure()
}

#[cfg(test)]
crate::checks::testing::verdicts! { CHECK;
    no_provider_fails_once_a_flow_is_challenged_and_any_provider_passes {
        {"captcha": {"active_provider_id": ""}}
            => fails {"fix": {"active_provider_id": "auth_challenge"}, "undo": {"active_provider_id": ""}};
        {"captcha/active_provider_id": "simple_captcha"} => passes;
    }
    the_fix_fails_closed {
        {"captcha": {"active_provider_id": "", "auth_challenge": {"fail_open": true}}}
            => fails {"fix/auth_challenge": {"fail_open": false}};
    }
    without_any_challenge_there_is_nothing_to_judge {
        {"/challenge_password_policy": "never", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never", "captcha/active_provider_id": ""} => feature_off;
        {"/challenge_password_policy": "sometimes", "/challenge_passwordless_policy": "never",
            "/challenge_password_reset_policy": "never", "captcha/active_provider_id": ""} => unknown;
    }
}
