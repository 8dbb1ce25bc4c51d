//! Breached password detection: `attack-protection/breached-password-detection`.

pub mod breached_password_admin_alert_too_slow;
pub mod breached_password_admin_alert_without_frequency;
pub mod breached_password_admin_not_notified;
pub mod breached_password_detection_monitoring_only;
pub mod breached_password_detection_off;
pub mod breached_password_login_not_blocked;
pub mod breached_password_reset_not_blocked;
pub mod breached_password_signup_not_blocked;
pub mod breached_password_standard_feed;
pub mod breached_password_user_not_notified;

use super::prelude::*;
use super::protection::{Flow, Protection};
use super::unknown::{self, Part};
use crate::readings::{BreachedPasswordDetection, Members, Shield};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &breached_password_detection_off::CHECK,
    &breached_password_detection_monitoring_only::CHECK,
    &breached_password_login_not_blocked::CHECK,
    &breached_password_signup_not_blocked::CHECK,
    &breached_password_reset_not_blocked::CHECK,
    &breached_password_user_not_notified::CHECK,
    &breached_password_admin_not_notified::CHECK,
    &breached_password_admin_alert_without_frequency::CHECK,
    &breached_password_admin_alert_too_slow::CHECK,
    &breached_password_standard_feed::CHECK,
];

const KIND: ReadingKind = ReadingKind::BreachedPasswordDetection;
const RESOURCE: &str = "attack-protection/breached-password-detection";
const SHIELDS: &str = "/shields";
const SIGNUP: &str = "/stage/pre-user-registration/shields";
const RESET: &str = "/stage/pre-change-password/shields";
const FREQUENCY: &str = "/admin_notification_frequency";

const LOGIN_FLOW: Flow = Flow {
    pointer: SHIELDS,
    shields: |tenant| tenant.read::<BreachedPasswordDetection>()?.shields.known(),
    response: &["admin_notification", "block", "user_notification"],
};

const SIGNUP_FLOW: Flow = Flow { pointer: SIGNUP, shields: signup, response: &["block"] };

const RESET_FLOW: Flow = Flow { pointer: RESET, shields: reset, response: &["block"] };

const PROTECTION: Protection = Protection {
    kind: KIND,
    enabled: |tenant| tenant.read::<BreachedPasswordDetection>()?.enabled.known().copied(),
    flows: &[&LOGIN_FLOW, &SIGNUP_FLOW, &RESET_FLOW],
    complete: alert_soon,
};

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Breached Password Detection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/breached-password-detection")),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::on_users(
            "Users whose password is in a known breach have to choose another one.",
        ),
    }
}

type Shields<'a> = Result<&'a Members<Shield>, Inconclusive>;

/// A private cloud may lack the stages; then their shields are unknown.
fn signup(tenant: &Tenant) -> Shields<'_> {
    let stage = tenant.read::<BreachedPasswordDetection>()?.stage.known()?;
    stage.pre_user_registration.known()?.shields.known()
}

fn reset(tenant: &Tenant) -> Shields<'_> {
    let stage = tenant.read::<BreachedPasswordDetection>()?.stage.known()?;
    stage.pre_change_password.known()?.shields.known()
}

/// A part of combinations: logins with a breached password are not blocked, for any reason.
pub fn login_not_blocked(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Part {
    let checks = [
        &breached_password_detection_off::CHECK,
        &breached_password_detection_monitoring_only::CHECK,
        &breached_password_login_not_blocked::CHECK,
    ];
    unknown::any_wrong(checks.map(|check| unknown::part(check, tenant, terms)))
}

/// An alert without a frequency, or with a slow one, would be the next finding.
fn alert_soon(tenant: &Tenant, change: Change) -> Change {
    let frequency = tenant.value_at(KIND, FREQUENCY);
    let is_daily = frequency.as_array().is_some_and(|set| set.contains(&json!("daily")));
    if is_daily { change } else { change.also_adding(tenant, KIND, FREQUENCY, &["immediately"]) }
}
