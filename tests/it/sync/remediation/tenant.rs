//! Settings of the tenant as a whole.

use serde_json::{Value, json};

use super::{Row, row};

pub fn rows() -> Vec<Row> {
    let set = |pointer, value: Value| ("tenants/settings", pointer, value);
    let one = |check, pointer, value| row(check, [set(pointer, value)]);
    let on = || json!(true);
    let legacy = [
        set("/flags/allow_legacy_delegation_grant_types", on()),
        set("/flags/enable_legacy_profile", on()),
    ];
    vec![
        row(
            "session-lifetime-long",
            [set("/session_lifetime", json!(720)), set("/idle_session_lifetime", json!(72.5))],
        ),
        row("legacy-flags-on", legacy),
        one("clickjacking-headers-off", "/flags/disable_clickjack_protection_headers", on()),
        one("dynamic-client-registration-open", "/flags/enable_dynamic_client_registration", on()),
        one("signup-reveals-existing-users", "/flags/enable_public_signup_user_exists_error", on()),
        one(
            "passwordless-start-without-client-authentication",
            "/flags/enforce_client_authentication_on_passwordless_start",
            json!(false),
        ),
        one("extension-runtime-outdated", "/sandbox_version", json!("16")),
        one(
            "classic-signup-bot-model-off",
            "/flags/improved_signup_bot_detection_in_classic",
            json!(false),
        ),
        one("default-audience-set", "/default_audience", json!("https://orders.example/")),
    ]
}
