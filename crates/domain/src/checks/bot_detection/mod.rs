//! Bot detection: `attack-protection/bot-detection`. Plans without it leave its checks unknown.

pub mod bot_detection_allowlist_non_public_address;
pub mod bot_detection_allowlist_not_empty;
pub mod bot_detection_allowlist_too_broad;
pub mod bot_detection_monitoring_mode;
pub mod bot_detection_off;
pub mod bot_detection_password_login_not_challenged;
pub mod bot_detection_password_reset_not_challenged;
pub mod bot_detection_passwordless_not_challenged;
pub mod bot_detection_sensitivity_low;

use super::allowlist::Allowlist;
use super::prelude::*;
use crate::readings::{BotDetection, ChallengePolicy, Field};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &bot_detection_off::CHECK,
    &bot_detection_password_login_not_challenged::CHECK,
    &bot_detection_passwordless_not_challenged::CHECK,
    &bot_detection_password_reset_not_challenged::CHECK,
    &bot_detection_monitoring_mode::CHECK,
    &bot_detection_sensitivity_low::CHECK,
    &bot_detection_allowlist_not_empty::CHECK,
    &bot_detection_allowlist_too_broad::CHECK,
    &bot_detection_allowlist_non_public_address::CHECK,
];

const KIND: ReadingKind = ReadingKind::BotDetection;
const RESOURCE: &str = "attack-protection/bot-detection";
const PASSWORD: &str = "/challenge_password_policy";
const PASSWORDLESS: &str = "/challenge_passwordless_policy";
const PASSWORD_RESET: &str = "/challenge_password_reset_policy";
const LEVEL: &str = "/bot_detection_level";
const MONITORING: &str = "/monitoring_mode_enabled";

/// Policies that challenge a flow; a fix sets the first.
const CHALLENGED: &[&str] = &["when_risky", "always"];

pub const ALLOWLIST: Allowlist =
    Allowlist { kind: KIND, entries: |tenant| tenant.read::<BotDetection>()?.allowlist.known() };

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Bot Detection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/bot-detection")),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users("Some users are asked to pass a CAPTCHA."),
    }
}

/// The policies of the three flows.
fn policies(bots: &BotDetection) -> [Result<ChallengePolicy, Inconclusive>; 3] {
    let all = [
        &bots.challenge_password_policy,
        &bots.challenge_passwordless_policy,
        &bots.challenge_password_reset_policy,
    ];
    all.map(|policy| policy.known().copied())
}

/// Guard: whether any flow is challenged.
pub fn some_challenged(bots: &BotDetection) -> Result<bool, Inconclusive> {
    super::unknown::any(policies(bots).map(|policy| Ok(policy? != ChallengePolicy::Never)))
}

/// Whether one flow is never challenged. If no flow is, the parent fails.
fn is_never(
    policy: fn(&BotDetection) -> &Field<ChallengePolicy>,
    tenant: &Tenant,
) -> Result<bool, Inconclusive> {
    Ok(*policy(tenant.read()?).known()? == ChallengePolicy::Never)
}
