//! Whole tenants as JSON, so that a test can change one field and read them anew: a hardened one,
//! with nothing to find, and an untouched one, as Auth0 ships it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checks::testing::{readings, samples};
use crate::readings::ReadingKind;
use crate::tenant::Tenant;

/// A body for each reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Bodies(pub BTreeMap<ReadingKind, Value>);

impl Bodies {
    /// Every reading, and nothing to find.
    pub fn hardened() -> Self {
        let stage = json!({"shields": ["block", "admin_notification"]});
        let mut bodies = Self::untouched();
        for (kind, body) in [
            (
                ReadingKind::BreachedPasswordDetection,
                json!({"enabled": true, "method": "enhanced",
                    "shields": ["block", "user_notification", "admin_notification"],
                    "admin_notification_frequency": ["immediately"],
                    "stage": {"pre-user-registration": stage, "pre-change-password": stage}}),
            ),
            (ReadingKind::RiskAssessment, json!({"enabled": true})),
            (ReadingKind::SupplementalSignals, json!({"akamai_enabled": true})),
            (ReadingKind::MfaPolicies, json!(["all-applications"])),
            (ReadingKind::DailyStats, Self::quiet_days()),
            (ReadingKind::ActiveUsers, json!(500)),
        ] {
            bodies.set(kind, "", body);
        }
        let bots = ReadingKind::BotDetection;
        for flow in ["password", "passwordless", "password_reset"] {
            bodies.set(bots, &format!("/challenge_{flow}_policy"), json!("when_risky"));
        }
        bodies.set(ReadingKind::BruteForceProtection, "/mode", json!("count_per_identifier"));
        bodies.set(ReadingKind::TokenFacts, "/scope", json!(Self::every_scope()));
        let signup_rate = "/stage/pre-user-registration/rate";
        bodies.set(ReadingKind::SuspiciousIpThrottling, signup_rate, json!(1_728_000));
        bodies
    }

    /// As Auth0 ships a tenant whose plan has everything, by the required scopes. The optional
    /// resources are as they should be, and are not judged.
    pub fn untouched() -> Self {
        let throttle = |attempts, rate| json!({"max_attempts": attempts, "rate": rate});
        let bodies = [
            (
                ReadingKind::BreachedPasswordDetection,
                json!({"enabled": false, "shields": [], "admin_notification_frequency": [],
                    "method": "standard", "stage": {"pre-user-registration": {"shields": []},
                    "pre-change-password": {"shields": []}}}),
            ),
            (
                ReadingKind::BruteForceProtection,
                json!({"enabled": true, "shields": ["block", "user_notification"],
                    "mode": "count_per_identifier_and_ip", "allowlist": [], "max_attempts": 10}),
            ),
            (
                ReadingKind::SuspiciousIpThrottling,
                json!({"enabled": true, "shields": ["admin_notification", "block"], "allowlist": [],
                    "stage": {"pre-login": throttle(100, 864_000),
                        "pre-user-registration": throttle(50, 1_200),
                        "pre-custom-token-exchange": throttle(10, 600_000)}}),
            ),
            (
                ReadingKind::BotDetection,
                json!({"challenge_password_policy": "never", "challenge_passwordless_policy": "never",
                    "challenge_password_reset_policy": "never", "allowlist": [],
                    "bot_detection_level": "medium", "monitoring_mode_enabled": false}),
            ),
            (
                ReadingKind::Captcha,
                json!({"active_provider_id": "auth_challenge", "simple_captcha": {},
                    "auth_challenge": {"fail_open": false}, "recaptcha_v2": {"site_key": ""},
                    "recaptcha_enterprise": {"site_key": "", "project_id": ""},
                    "hcaptcha": {"site_key": ""}, "friendly_captcha": {"site_key": ""},
                    "arkose": {"site_key": "", "fail_open": false}}),
            ),
            (ReadingKind::CaptchaPolicies, json!([])),
            (ReadingKind::PhoneProviderProtection, json!({"type": "exponential"})),
            (ReadingKind::RiskAssessment, json!({"enabled": false})),
            (ReadingKind::RiskAssessmentNewDevice, json!({"remember_for": 30})),
            (ReadingKind::SupplementalSignals, json!({"akamai_enabled": false})),
            (ReadingKind::MfaPolicies, json!([])),
            (ReadingKind::DailyStats, json!([])),
            (ReadingKind::ActiveUsers, json!(1)),
            (
                ReadingKind::TokenFacts,
                json!({"scope": "read:attack_protection read:mfa_policies read:stats",
                    "expires_in": 86_400}),
            ),
        ];
        Self(bodies.into_iter().chain(samples::optional()).collect())
    }

    /// The required scopes and every optional one.
    pub fn every_scope() -> String {
        crate::checks::scopes::useful().into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Six weeks, up to yesterday, of 20 logins a day, and one day of a hundred days ago.
    pub fn quiet_days() -> Value {
        let ages = (1..=42).chain([100]).rev();
        ages.map(|age| Self::day(age, 20, 0, 0)).collect()
    }

    /// The row of the day so many days before the tenant is seen.
    pub fn day(age: i64, logins: u64, signups: u64, leaked_passwords: u64) -> Value {
        let date: jiff::civil::Date = "2026-06-15".parse().unwrap();
        let date = date.checked_sub(jiff::Span::new().days(age)).unwrap();
        json!({"date": format!("{date}T00:00:00.000Z"), "updated_at": format!("{date}T23:22:00.000Z"),
            "logins": logins, "signups": signups, "leaked_passwords": leaked_passwords})
    }

    /// Sets the value at a pointer into a body, which must be there.
    pub fn set(&mut self, kind: ReadingKind, pointer: &str, value: Value) {
        let body = self.0.get_mut(&kind).unwrap();
        *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{} {pointer}", kind.name())) = value;
    }

    /// Reads them.
    pub fn tenant(&self) -> Tenant {
        let bodies: Vec<_> = self.0.iter().map(|(kind, body)| (*kind, body.clone())).collect();
        readings(&bodies)
    }
}
