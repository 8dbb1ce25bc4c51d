//! Suspicious IP throttling, bot detection, CAPTCHA.

use serde_json::{Value, json};

use super::{Row, row};

pub fn rows() -> Vec<Row> {
    suspicious_ip().into_iter().chain(bots()).chain(captcha()).collect()
}

fn suspicious_ip() -> Vec<Row> {
    const LISTED: &[&str] = &["suspicious-ip-allowlist-not-empty"];
    let one = |check, pointer, value| {
        row(check, [("attack-protection/suspicious-ip-throttling", pointer, value)])
    };
    let list = "/allowlist";
    let full: Vec<_> = (0..80).map(|last| format!("8.8.8.{last}")).collect();
    let exchange = "/stage/pre-custom-token-exchange/max_attempts";
    let attempts = "/stage/pre-user-registration/max_attempts";
    let rate = "/stage/pre-user-registration/rate";
    vec![
        one("suspicious-ip-throttling-off", "/enabled", json!(false)),
        one("suspicious-ip-throttling-monitoring-only", "/shields", json!([])),
        one("suspicious-ip-not-throttled", "/shields", json!(["admin_notification"])),
        one("suspicious-ip-admin-not-notified", "/shields", json!(["block"])),
        one("suspicious-ip-login-threshold-high", "/stage/pre-login/max_attempts", json!(101)),
        one("suspicious-ip-login-rate-high", "/stage/pre-login/rate", json!(863_999)),
        one("suspicious-ip-signup-threshold-high", attempts, json!(51)),
        one("suspicious-ip-signup-rate-loosest", rate, json!(1_200)),
        one("suspicious-ip-token-exchange-loosened", exchange, json!(11)),
        one("suspicious-ip-allowlist-not-empty", list, json!(["8.8.8.8"])),
        one("suspicious-ip-allowlist-too-broad", list, json!(["8.8.8.0/23"])).also(LISTED),
        one("suspicious-ip-allowlist-non-public-address", list, json!(["::1"])).also(LISTED),
        one("suspicious-ip-allowlist-near-limit", list, json!(full))
            .also(LISTED)
            .without_call("which entries can go is for people to say"),
    ]
}

fn bots() -> Vec<Row> {
    const LISTED: &[&str] = &["bot-detection-allowlist-not-empty"];
    let set = |pointer, value: Value| ("attack-protection/bot-detection", pointer, value);
    let one = |check, pointer, value| row(check, [set(pointer, value)]);
    let list = "/allowlist";
    let flows = [
        "/challenge_password_policy",
        "/challenge_passwordless_policy",
        "/challenge_password_reset_policy",
    ];
    let never = json!("never");
    vec![
        row("bot-detection-off", flows.map(|pointer| set(pointer, never.clone()))),
        one("bot-detection-password-login-not-challenged", flows[0], never.clone()),
        one("bot-detection-passwordless-not-challenged", flows[1], never.clone()),
        one("bot-detection-password-reset-not-challenged", flows[2], never),
        one("bot-detection-monitoring-mode", "/monitoring_mode_enabled", json!(true)),
        one("bot-detection-sensitivity-low", "/bot_detection_level", json!("low")),
        one("bot-detection-allowlist-not-empty", list, json!(["8.8.8.8"])),
        one("bot-detection-allowlist-too-broad", list, json!(["2600::/47"])).also(LISTED),
        one("bot-detection-allowlist-non-public-address", list, json!(["10.0.0.1"])).also(LISTED),
    ]
}

fn captcha() -> Vec<Row> {
    let set = |pointer, value: Value| ("attack-protection/captcha", pointer, value);
    let provider = |name| set("/active_provider_id", json!(name));
    let fails_open = set("/auth_challenge/fail_open", json!(true));
    let arkose = [provider("arkose"), set("/arkose/site_key", json!("key"))];
    vec![
        row("captcha-provider-missing", [provider(""), fails_open.clone()]),
        row("captcha-fails-open", [fails_open.clone()]),
        row(
            "captcha-fails-open",
            arkose.into_iter().chain([set("/arkose/fail_open", json!(true))]),
        )
        .without_call("Auth0 takes the settings of a provider only with its secret"),
        row("captcha-provider-incomplete", [provider("hcaptcha")])
            .without_call("nobody but the customer has the keys"),
        row("captcha-simple-image", [provider("simple_captcha"), fails_open]),
    ]
}
