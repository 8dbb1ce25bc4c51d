//! MFA policies and factors, risk assessment, messages by phone.

use serde_json::{Value, json};

use super::{Row, row};

pub fn rows() -> Vec<Row> {
    policies().into_iter().chain(factors()).collect()
}

fn policies() -> Vec<Row> {
    let policies = |value: Value| ("guardian/policies", "", value);
    let unassessed = ("risk-assessments/settings", "/enabled", json!(false));
    let adaptive = policies(json!(["confidence-score"]));
    let days = ("risk-assessments/settings/new-device", "/remember_for", json!(31));
    let phone = ("attack-protection/phone-provider-protection", "/type", json!("none"));
    vec![
        row("mfa-never-required", [policies(json!([]))]),
        row("mfa-risk-based-only", [adaptive.clone()]),
        row("mfa-risk-based-only", [adaptive, unassessed.clone()])
            .without_call("the assessment has to be switched on as well"),
        row("risk-assessment-off", [unassessed]),
        row("risk-device-remembered-too-long", [days]),
        row("phone-provider-no-backoff", [phone]),
    ]
}

/// The switches of the factors: sms, push, otp, email, duo, roaming, platform, code.
const FACTORS: [&str; 8] = [
    "/0/enabled",
    "/1/enabled",
    "/2/enabled",
    "/3/enabled",
    "/4/enabled",
    "/5/enabled",
    "/6/enabled",
    "/7/enabled",
];

fn factors() -> Vec<Row> {
    let only = |check, on: &[usize]| {
        let switches = FACTORS.iter().enumerate();
        row(
            check,
            switches.map(|(i, pointer)| ("guardian/factors", *pointer, json!(on.contains(&i)))),
        )
    };
    vec![
        only("mfa-no-factor-enabled", &[]),
        only("mfa-only-phishable-factors", &[0]).also(&["mfa-no-phishing-resistant-factor"]),
        only("mfa-no-phishing-resistant-factor", &[1, 2, 7]),
        only("mfa-dependent-factor-alone", &[6, 7]),
        only("mfa-recovery-code-off", &[1, 2, 5, 6]),
    ]
}
