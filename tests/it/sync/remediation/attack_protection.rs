//! Breached passwords and brute force.

use serde_json::{Value, json};

use super::{Row, row};

pub fn rows() -> Vec<Row> {
    breached_passwords().into_iter().chain(brute_force()).collect()
}

fn breached_passwords() -> Vec<Row> {
    const SHIELDS: &str = "/shields";
    const SIGNUP: &str = "/stage/pre-user-registration/shields";
    const RESET: &str = "/stage/pre-change-password/shields";
    let set =
        |pointer, value: Value| ("attack-protection/breached-password-detection", pointer, value);
    let one = |check, pointer, value| row(check, [set(pointer, value)]);
    let frequency = "/admin_notification_frequency";
    let (none, blocks) = (json!([]), json!(["block"]));
    let nowhere = [SHIELDS, SIGNUP, RESET].map(|pointer| set(pointer, none.clone()));
    let off = [set("/enabled", json!(false)), set(frequency, none.clone())];
    vec![
        row("breached-password-detection-off", off.into_iter().chain(nowhere.clone())),
        row("breached-password-detection-monitoring-only", nowhere),
        one("breached-password-login-not-blocked", SHIELDS, json!(["user_notification"])),
        one("breached-password-signup-not-blocked", SIGNUP, none.clone()),
        one("breached-password-reset-not-blocked", RESET, none.clone()),
        one("breached-password-user-not-notified", SHIELDS, blocks.clone()),
        row(
            "breached-password-admin-not-notified",
            [
                set(SHIELDS, json!(["block", "user_notification"])),
                set(SIGNUP, blocks.clone()),
                set(RESET, blocks),
                set(frequency, none.clone()),
            ],
        ),
        one("breached-password-admin-alert-without-frequency", frequency, none),
        one("breached-password-admin-alert-too-slow", frequency, json!(["monthly", "weekly"])),
        one("breached-password-standard-feed", "/method", json!("standard")),
    ]
}

fn brute_force() -> Vec<Row> {
    const LISTED: &[&str] = &["brute-force-allowlist-not-empty"];
    let one = |check, pointer, value| {
        row(check, [("attack-protection/brute-force-protection", pointer, value)])
    };
    let list = "/allowlist";
    let mixed = json!(["8.8.8.0/23", "9.9.9.9"]);
    vec![
        one("brute-force-protection-off", "/enabled", json!(false)),
        one("brute-force-protection-monitoring-only", "/shields", json!([])),
        one("brute-force-attempts-not-blocked", "/shields", json!(["user_notification"])),
        one("brute-force-user-not-notified", "/shields", json!(["block"])),
        one("brute-force-threshold-high", "/max_attempts", json!(11)),
        one("brute-force-threshold-extreme", "/max_attempts", json!(51)),
        one(
            "brute-force-distributed-guessing-not-counted",
            "/mode",
            json!("count_per_identifier_and_ip"),
        ),
        one("brute-force-lockout-abusable", "/max_attempts", json!(3)),
        one("brute-force-allowlist-not-empty", list, json!(["8.8.8.8", "9.9.9.9"])),
        one("brute-force-allowlist-too-broad", list, mixed).also(LISTED),
        one("brute-force-allowlist-non-public-address", list, json!(["10.0.0.1"])).also(LISTED),
        one("brute-force-allowlist-overlapping", list, json!(["8.8.8.8", "8.8.8.8"])).also(LISTED),
    ]
}
