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
use super::three_valued::{self, Part};
use crate::readings::{BreachedPasswordDetection, Members, Shield};

const KIND: ReadingKind = ReadingKind::BreachedPasswordDetection;
const RESOURCE: &str = "attack-protection/breached-password-detection";
const SHIELDS: &str = "/shields";
const SIGNUP: &str = "/stage/pre-user-registration/shields";
const RESET: &str = "/stage/pre-change-password/shields";
const FREQUENCY: &str = "/admin_notification_frequency";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Attack Protection > Breached Password Detection",
        steps,
        call: Some((Method::Patch, "/api/v2/attack-protection/breached-password-detection")),
        required_scope: Some("update:attack_protection"),
    }
}

type Shields<'a> = Result<&'a Members<Shield>, Inconclusive>;

/// The shields of signup. A private cloud may not have the stage: then they are unknown.
fn signup(detection: &BreachedPasswordDetection) -> Shields<'_> {
    detection.stage.known()?.pre_user_registration.known()?.shields.known()
}

/// The shields of password reset, likewise.
fn reset(detection: &BreachedPasswordDetection) -> Shields<'_> {
    detection.stage.known()?.pre_change_password.known()?.shields.known()
}

/// The shields of every flow.
fn everywhere(detection: &BreachedPasswordDetection) -> [Shields<'_>; 3] {
    [detection.shields.known(), signup(detection), reset(detection)]
}

/// The part of combinations that a login with a leaked password is not blocked, for any reason.
pub fn login_not_blocked(tenant: &Tenant, terms: EffectiveThresholds<'_>) -> Part {
    let checks = [
        &breached_password_detection_off::CHECK,
        &breached_password_detection_monitoring_only::CHECK,
        &breached_password_login_not_blocked::CHECK,
    ];
    three_valued::any_wrong(checks.map(|check| three_valued::part(check, tenant, terms)))
}

/// Blocks in every flow that the tenant has, and tells users and administrators.
fn respond(tenant: &Tenant, change: Change) -> Change {
    let change = change
        .also_adding(tenant, KIND, SHIELDS, &["admin_notification", "block", "user_notification"])
        .also_adding(tenant, KIND, SIGNUP, &["block"])
        .also_adding(tenant, KIND, RESET, &["block"]);
    alert_soon(tenant, change)
}

/// An alert without a frequency, or with a slow one, would be the next finding.
fn alert_soon(tenant: &Tenant, change: Change) -> Change {
    let frequency = tenant.value_at(KIND, FREQUENCY);
    let is_daily = frequency.as_array().is_some_and(|set| set.contains(&json!("daily")));
    if is_daily { change } else { change.also_adding(tenant, KIND, FREQUENCY, &["immediately"]) }
}
