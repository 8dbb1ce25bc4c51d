//! For each check the smallest change to a hardened tenant that trips it, and the other checks that
//! the same change trips because their conditions follow from it.

mod across;
mod optional;

use serde_json::{Value, json};

use super::fixtures::Bodies;
use crate::readings::ReadingKind::{self, *};

/// One change.
pub struct Case {
    /// The check that it is for.
    pub trips: &'static str,
    /// The values: reading, pointer, value.
    pub set: Vec<(ReadingKind, &'static str, Value)>,
    /// What else follows.
    pub implies: &'static [&'static str],
}

impl Case {
    /// The hardened tenant with the change.
    pub fn bodies(&self) -> Bodies {
        let mut bodies = Bodies::hardened();
        for (kind, pointer, value) in &self.set {
            bodies.set(*kind, pointer, value.clone());
        }
        bodies
    }
}

fn case(
    trips: &'static str,
    set: impl IntoIterator<Item = (ReadingKind, &'static str, Value)>,
    implies: &'static [&'static str],
) -> Case {
    Case { trips, set: set.into_iter().collect(), implies }
}

/// One for each check, in the order of the catalogue.
pub fn cases() -> Vec<Case> {
    let areas = [
        breached_password(),
        brute_force(),
        suspicious_ip(),
        bots_and_captcha(),
        mfa_risk_and_phone(),
        across::statistics(),
        across::integration_client(),
        across::combinations(),
    ];
    areas.into_iter().flatten().chain(optional::cases()).collect()
}

fn breached_password() -> Vec<Case> {
    let set = |pointer, value| (BreachedPasswordDetection, pointer, value);
    let (shields, frequency) = ("/shields", "/admin_notification_frequency");
    let signup = "/stage/pre-user-registration/shields";
    let reset = "/stage/pre-change-password/shields";
    let (none, blocks) = (json!([]), json!(["block"]));
    vec![
        case("breached-password-detection-off", [set("/enabled", json!(false))], &[]),
        case(
            "breached-password-detection-monitoring-only",
            [set(shields, none.clone()), set(signup, none.clone()), set(reset, none.clone())],
            &[],
        ),
        case(
            "breached-password-login-not-blocked",
            [set(shields, json!(["user_notification", "admin_notification"]))],
            &[],
        ),
        case("breached-password-signup-not-blocked", [set(signup, none.clone())], &[]),
        case("breached-password-reset-not-blocked", [set(reset, none.clone())], &[]),
        case(
            "breached-password-user-not-notified",
            [set(shields, json!(["block", "admin_notification"]))],
            &[],
        ),
        case(
            "breached-password-admin-not-notified",
            [
                set(shields, json!(["block", "user_notification"])),
                set(signup, blocks.clone()),
                set(reset, blocks),
            ],
            &[],
        ),
        case("breached-password-admin-alert-without-frequency", [set(frequency, none)], &[]),
        case("breached-password-admin-alert-too-slow", [set(frequency, json!(["weekly"]))], &[]),
        case("breached-password-standard-feed", [set("/method", json!("standard"))], &[]),
    ]
}

fn brute_force() -> Vec<Case> {
    const LISTED: &[&str] = &["brute-force-allowlist-not-empty"];
    let one = |trips, pointer, value, implies| {
        case(trips, [(BruteForceProtection, pointer, value)], implies)
    };
    let list = "/allowlist";
    vec![
        one("brute-force-protection-off", "/enabled", json!(false), &[]),
        one("brute-force-protection-monitoring-only", "/shields", json!([]), &[]),
        one("brute-force-attempts-not-blocked", "/shields", json!(["user_notification"]), &[]),
        one("brute-force-user-not-notified", "/shields", json!(["block"]), &[]),
        one("brute-force-threshold-high", "/max_attempts", json!(11), &[]),
        one("brute-force-threshold-extreme", "/max_attempts", json!(51), &[]),
        one(
            "brute-force-distributed-guessing-not-counted",
            "/mode",
            json!("count_per_identifier_and_ip"),
            &[],
        ),
        one("brute-force-lockout-abusable", "/max_attempts", json!(3), &[]),
        one("brute-force-allowlist-not-empty", list, json!(["8.8.8.8"]), &[]),
        one("brute-force-allowlist-too-broad", list, json!(["8.8.8.0/23"]), LISTED),
        one("brute-force-allowlist-non-public-address", list, json!(["10.0.0.1"]), LISTED),
        one("brute-force-allowlist-overlapping", list, json!(["8.8.8.8", "8.8.8.8"]), LISTED),
    ]
}

fn suspicious_ip() -> Vec<Case> {
    const LISTED: &[&str] = &["suspicious-ip-allowlist-not-empty"];
    let one = |trips, pointer, value, implies| {
        case(trips, [(SuspiciousIpThrottling, pointer, value)], implies)
    };
    let list = "/allowlist";
    let signup = "/stage/pre-user-registration";
    let full: Vec<_> = (0..80).map(|last| format!("8.8.8.{last}")).collect();
    vec![
        one("suspicious-ip-throttling-off", "/enabled", json!(false), &[]),
        one("suspicious-ip-throttling-monitoring-only", "/shields", json!([]), &[]),
        one("suspicious-ip-not-throttled", "/shields", json!(["admin_notification"]), &[]),
        one("suspicious-ip-admin-not-notified", "/shields", json!(["block"]), &[]),
        one("suspicious-ip-login-threshold-high", "/stage/pre-login/max_attempts", json!(101), &[]),
        one("suspicious-ip-login-rate-high", "/stage/pre-login/rate", json!(863_999), &[]),
        one(
            "suspicious-ip-signup-threshold-high",
            signup,
            json!({"max_attempts": 51, "rate": 1_728_000}),
            &[],
        ),
        one(
            "suspicious-ip-signup-rate-loosest",
            signup,
            json!({"max_attempts": 50, "rate": 1_200}),
            &[],
        ),
        one(
            "suspicious-ip-token-exchange-loosened",
            "/stage/pre-custom-token-exchange/max_attempts",
            json!(11),
            &[],
        ),
        one("suspicious-ip-allowlist-not-empty", list, json!(["8.8.8.8"]), &[]),
        one("suspicious-ip-allowlist-too-broad", list, json!(["8.8.8.0/23"]), LISTED),
        one("suspicious-ip-allowlist-non-public-address", list, json!(["::1"]), LISTED),
        one("suspicious-ip-allowlist-near-limit", list, json!(full), LISTED),
    ]
}

/// All three policies of bot detection.
fn all_flows(policy: &str) -> [(ReadingKind, &'static str, Value); 3] {
    [
        "/challenge_password_policy",
        "/challenge_passwordless_policy",
        "/challenge_password_reset_policy",
    ]
    .map(|pointer| (BotDetection, pointer, json!(policy)))
}

fn bots_and_captcha() -> Vec<Case> {
    const LISTED: &[&str] = &["bot-detection-allowlist-not-empty"];
    let bots =
        |trips, pointer, value, implies| case(trips, [(BotDetection, pointer, value)], implies);
    let captcha = |trips, pointer, value| case(trips, [(Captcha, pointer, value)], &[]);
    let provider = "/active_provider_id";
    let simple = json!([{"id": "a", "action": {"active_provider_id": "simple_captcha"}}]);
    let [password, passwordless, reset] = all_flows("never");
    vec![
        case("bot-detection-off", all_flows("never"), &[]),
        case("bot-detection-password-login-not-challenged", [password], &[]),
        case("bot-detection-passwordless-not-challenged", [passwordless], &[]),
        case("bot-detection-password-reset-not-challenged", [reset], &[]),
        bots("bot-detection-monitoring-mode", "/monitoring_mode_enabled", json!(true), &[]),
        bots("bot-detection-sensitivity-low", "/bot_detection_level", json!("low"), &[]),
        bots("bot-detection-allowlist-not-empty", "/allowlist", json!(["8.8.8.8"]), &[]),
        bots("bot-detection-allowlist-too-broad", "/allowlist", json!(["2600::/47"]), LISTED),
        bots(
            "bot-detection-allowlist-non-public-address",
            "/allowlist",
            json!(["10.0.0.1"]),
            LISTED,
        ),
        captcha("captcha-provider-missing", provider, json!("")),
        captcha("captcha-fails-open", "/auth_challenge/fail_open", json!(true)),
        captcha("captcha-provider-incomplete", provider, json!("hcaptcha")),
        captcha("captcha-simple-image", provider, json!("simple_captcha")),
        case("captcha-policy-weakens-default", [(CaptchaPolicies, "", simple)], &[]),
    ]
}

fn mfa_risk_and_phone() -> Vec<Case> {
    vec![
        case("mfa-never-required", [(MfaPolicies, "", json!([]))], &[]),
        case("mfa-risk-based-only", [(MfaPolicies, "", json!(["confidence-score"]))], &[]),
        case("risk-assessment-off", [(RiskAssessment, "/enabled", json!(false))], &[]),
        case(
            "risk-device-remembered-too-long",
            [(RiskAssessmentNewDevice, "/remember_for", json!(31))],
            &[],
        ),
        case("phone-provider-no-backoff", [(PhoneProviderProtection, "/type", json!("none"))], &[]),
    ]
}
