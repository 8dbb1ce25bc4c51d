//! CAPTCHA: `attack-protection/captcha` and its policies.

pub mod captcha_fails_open;
pub mod captcha_policy_weakens_default;
pub mod captcha_provider_incomplete;
pub mod captcha_provider_missing;
pub mod captcha_simple_image;

use super::prelude::*;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &captcha_provider_missing::CHECK,
    &captcha_fails_open::CHECK,
    &captcha_provider_incomplete::CHECK,
    &captcha_simple_image::CHECK,
    &captcha_policy_weakens_default::CHECK,
];

const KIND: ReadingKind = ReadingKind::Captcha;
const RESOURCE: &str = "attack-protection/captcha";
const PROVIDER: &str = "/active_provider_id";

/// Every provider except the simple image; names as in Auth0's documentation.
const STRONG: Expected = Expected::OneOf(&[
    "auth_challenge",
    "arkose",
    "friendly_captcha",
    "hcaptcha",
    "recaptcha_v2",
    "recaptcha_enterprise",
]);

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Bot Detection > Response",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/captcha")),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users(
            "Challenged users see the challenge of another provider.",
        ),
    }
}

/// Auth0's own challenge needs no keys. The change also makes it fail closed, or that would be the next finding.
fn choose_auth_challenge(tenant: &Tenant) -> Change {
    const FAIL_OPEN: &str = "/auth_challenge/fail_open";
    let chosen = Change::set(tenant, KIND, PROVIDER, json!("auth_challenge"));
    if tenant.value_at(KIND, FAIL_OPEN) == json!(true) {
        return chosen.with(Change::set(tenant, KIND, FAIL_OPEN, json!(false)));
    }
    chosen
}
