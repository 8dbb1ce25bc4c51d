//! The cases of checks that look at the tenant as a whole: statistics, our own client, combinations.

use serde_json::{Value, json};

use super::{Bodies, Case, all_flows, case};
use crate::readings::ReadingKind::*;

pub fn statistics() -> Vec<Case> {
    let days = |rows: Vec<Value>| (DailyStats, "", json!(rows));
    // The last of the quiet days is yesterday.
    let yesterday = |figure, n: u64| (DailyStats, figure, json!(n));
    let notified = json!(["user_notification", "admin_notification"]);
    let trickle = (1..=20).map(|age| Bodies::day(age, 0, 3, 0)).collect();
    let collapse = (8..=42).map(|age| Bodies::day(age, 20, 0, 0)).collect();
    let old = (5..=42).map(|age| Bodies::day(age, 20, 0, 0)).collect();
    vec![
        case(
            "breached-credentials-in-use",
            [
                yesterday("/42/leaked_passwords", 1),
                (BreachedPasswordDetection, "/shields", notified),
            ],
            &["breached-password-login-not-blocked"],
        ),
        case("breached-password-wave", [yesterday("/42/leaked_passwords", 11)], &[]),
        case("signup-spike", [yesterday("/42/signups", 21)], &[]),
        case("signups-without-logins", [days(trickle)], &[]),
        case(
            "dormant-tenant",
            [days(vec![Bodies::day(91, 20, 0, 0)]), (ActiveUsers, "", json!(0))],
            &[],
        ),
        case("login-volume-anomaly", [days(collapse)], &[]),
        case("statistics-stale", [days(old), (ActiveUsers, "", json!(1_000))], &[]),
    ]
}

pub fn integration_client() -> Vec<Case> {
    let scope = |more| json!(format!("read:attack_protection read:mfa_policies read:stats {more}"));
    vec![
        case("integration-client-can-write", [(TokenFacts, "/scope", scope("update:users"))], &[]),
        case(
            "integration-client-excess-read-scopes",
            [(TokenFacts, "/scope", scope("read:users"))],
            &[],
        ),
        case("integration-token-lifetime-long", [(TokenFacts, "/expires_in", json!(86_401))], &[]),
    ]
}

pub fn combinations() -> Vec<Case> {
    let off = |kind| (kind, "/enabled", json!(false));
    let blocks = |kind, pointer| (kind, pointer, json!(["block"]));
    let listed = |kind| (kind, "/allowlist", json!(["8.8.8.8"]));
    let no_mfa = (MfaPolicies, "", json!([]));
    let [password, passwordless, reset] = all_flows("never");
    vec![
        case(
            "no-automated-abuse-control",
            [
                off(BruteForceProtection),
                off(SuspiciousIpThrottling),
                password.clone(),
                passwordless.clone(),
                reset.clone(),
            ],
            &["brute-force-protection-off", "suspicious-ip-throttling-off", "bot-detection-off"],
        ),
        case(
            "stolen-credentials-sufficient",
            [off(BreachedPasswordDetection), no_mfa.clone()],
            &["breached-password-detection-off", "mfa-never-required"],
        ),
        case(
            "range-exempt-from-several-protections",
            [listed(BruteForceProtection), listed(SuspiciousIpThrottling)],
            &["brute-force-allowlist-not-empty", "suspicious-ip-allowlist-not-empty"],
        ),
        case(
            "nobody-notified",
            [
                blocks(BreachedPasswordDetection, "/shields"),
                blocks(BreachedPasswordDetection, "/stage/pre-user-registration/shields"),
                blocks(BreachedPasswordDetection, "/stage/pre-change-password/shields"),
                blocks(BruteForceProtection, "/shields"),
                blocks(SuspiciousIpThrottling, "/shields"),
            ],
            &[
                "breached-password-user-not-notified",
                "breached-password-admin-not-notified",
                "brute-force-user-not-notified",
                "suspicious-ip-admin-not-notified",
            ],
        ),
        case(
            "large-user-base-on-default-protection",
            [
                (ActiveUsers, "", json!(10_000)),
                (BruteForceProtection, "/mode", json!("count_per_identifier_and_ip")),
                (SuspiciousIpThrottling, "/stage/pre-user-registration/rate", json!(1_200)),
                password,
                passwordless,
                reset,
                no_mfa,
            ],
            &[
                "brute-force-distributed-guessing-not-counted",
                "suspicious-ip-signup-rate-loosest",
                "bot-detection-off",
                "mfa-never-required",
            ],
        ),
    ]
}
