//! The kinds of Auth0 resource this service reads, each typed in a file of its own.
//! A new kind: its file, its variant here, and its row in `auth0`'s endpoint table.

mod attack_protection;
mod captcha;
mod field;
mod guardian;
mod risk;
mod statistics;
mod token;

pub use attack_protection::{
    BotDetection, BotLevel, BreachedPasswordDetection, BreachedPasswordMethod,
    BreachedPasswordStages, BruteForceMode, BruteForceProtection, ChallengePolicy,
    NotificationFrequency, PhoneProviderProtection, PhoneProviderType, Shield, ShieldsOnly,
    SuspiciousIpStages, SuspiciousIpThrottling, Throttle,
};
pub use captcha::{
    Captcha, CaptchaAction, CaptchaPolicies, CaptchaPolicy, CaptchaProvider, ProviderSettings,
};
pub use field::{Count, Field, Members, ObjectId, Sorted};
pub use guardian::{MfaPolicies, MfaPolicy};
pub use risk::{RiskAssessment, RiskAssessmentNewDevice, SupplementalSignals};
pub use statistics::{ActiveUsers, DailyStats, DayOfActivity};
pub use token::TokenFacts;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scope::REQUIRED;

macro_rules! kinds {
    ($($kind:ident = $name:literal, $resource:literal, $scope:expr, $need:ident;)*) => {
        /// One kind of Auth0 resource.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ReadingKind {
            $(
                #[doc = concat!("`", $resource, "`")]
                #[serde(rename = $name)]
                $kind,
            )*
        }

        impl ReadingKind {
            /// Every kind, in the order in which they are read and shown.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The stable name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// The resource: the Management API path without `/api/v2/`.
            pub const fn resource(self) -> &'static str {
                match self { $(Self::$kind => $resource),* }
            }

            /// The scope that reads it; none for the facts of our own token.
            pub const fn scope(self) -> Option<&'static str> {
                match self { $(Self::$kind => $scope),* }
            }

            /// What it means when Auth0 does not give it.
            pub const fn need(self) -> Need {
                match self { $(Self::$kind => Need::$need),* }
            }

            fn decode_as_is(self, body: Value) -> Result<Reading, serde_json::Error> {
                match self {
                    $(Self::$kind => serde_json::from_value(body).map(Reading::$kind),)*
                }
            }
        }

        /// One resource as it was read.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "fourteen of them live as long as a sync")]
        pub enum Reading {
            $(
                #[doc = concat!("`", $resource, "`")]
                $kind($kind),
            )*
        }

        impl Reading {
            /// Its kind.
            pub fn kind(&self) -> ReadingKind {
                match self { $(Self::$kind(_) => ReadingKind::$kind),* }
            }

            /// The normalised body: known fields only, sets sorted. Holds nothing secret.
            pub fn to_json(&self) -> Value {
                match self { $(Self::$kind(body) => serde_json::to_value(body)),* }
                    .expect("a reading is made of plain JSON types")
            }
        }

        $(
            impl Resource for $kind {
                const KIND: ReadingKind = ReadingKind::$kind;
                fn of(reading: &Reading) -> Option<&Self> {
                    match reading {
                        Reading::$kind(body) => Some(body),
                        _ => None,
                    }
                }
            }
        )*
    };
}

kinds! {
    BreachedPasswordDetection = "breached_password_detection", "attack-protection/breached-password-detection", Some(REQUIRED[0]), Essential;
    BruteForceProtection = "brute_force_protection", "attack-protection/brute-force-protection", Some(REQUIRED[0]), Essential;
    SuspiciousIpThrottling = "suspicious_ip_throttling", "attack-protection/suspicious-ip-throttling", Some(REQUIRED[0]), Essential;
    BotDetection = "bot_detection", "attack-protection/bot-detection", Some(REQUIRED[0]), ByPlan;
    Captcha = "captcha", "attack-protection/captcha", Some(REQUIRED[0]), ByPlan;
    CaptchaPolicies = "captcha_policies", "attack-protection/captcha/policies", Some(REQUIRED[0]), OnlySomeTenants;
    PhoneProviderProtection = "phone_provider_protection", "attack-protection/phone-provider-protection", Some(REQUIRED[0]), OnlySomeTenants;
    RiskAssessment = "risk_assessment", "risk-assessments/settings", Some(REQUIRED[0]), ByPlan;
    RiskAssessmentNewDevice = "risk_assessment_new_device", "risk-assessments/settings/new-device", Some(REQUIRED[0]), ByPlan;
    SupplementalSignals = "supplemental_signals", "supplemental-signals", Some(REQUIRED[0]), OnlySomeTenants;
    MfaPolicies = "mfa_policies", "guardian/policies", Some(REQUIRED[1]), Essential;
    DailyStats = "daily_stats", "stats/daily", Some(REQUIRED[2]), Essential;
    ActiveUsers = "active_users", "stats/active-users", Some(REQUIRED[2]), Essential;
    TokenFacts = "token", "token", None, Essential;
}

/// A typed body that knows its kind.
pub trait Resource: Sized {
    /// Which kind it is.
    const KIND: ReadingKind;
    /// The body inside a reading of that kind.
    fn of(reading: &Reading) -> Option<&Self>;
}

/// What it means when Auth0 refuses a resource by plan or does not have it (404).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every tenant has it; without it a connection test fails.
    Essential,
    /// Some plans lack it; its checks are then unknown.
    ByPlan,
    /// Auth0 gives it to some tenants only; its checks are then not applicable.
    OnlySomeTenants,
}

impl ReadingKind {
    /// Those fetched from the Management API with the required scopes: all but the token's facts.
    pub fn fetched() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| kind.scope().is_some())
    }

    /// Decodes a body. The error says, without quoting it, that the whole body is of another
    /// shape than this resource: then nothing of it was read.
    pub fn decode(self, body: Value) -> Result<Reading, String> {
        let is_list = matches!(self, Self::CaptchaPolicies | Self::MfaPolicies | Self::DailyStats);
        // serde reads a struct from an array too, so the outer shape is checked first.
        let has_shape = match &body {
            Value::Array(_) => is_list,
            Value::Object(_) => !is_list && self != Self::ActiveUsers,
            Value::Number(_) => self == Self::ActiveUsers,
            Value::Null | Value::Bool(_) | Value::String(_) => false,
        };
        let misfit = || format!("the answer is not what {} gives", self.resource());
        if !has_shape {
            return Err(misfit());
        }
        let reading = self.decode_as_is(body).map_err(|_| misfit())?;
        if reading.to_json() == Value::Object(serde_json::Map::new()) {
            return Err(format!("the answer has none of the fields of {}", self.resource()));
        }
        Ok(reading)
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_unique_and_found_again() {
        for kind in ReadingKind::ALL {
            assert_eq!(ReadingKind::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(ReadingKind::fetched().count(), 13);
    }

    #[test]
    fn a_body_of_another_shape_is_not_a_reading() {
        for kind in ReadingKind::fetched() {
            let wrong = if kind.decode(json!([])).is_ok() { json!({}) } else { json!([]) };
            assert!(kind.decode(wrong).is_err(), "{}", kind.name());
            assert!(kind.decode(json!("x")).is_err() && kind.decode(json!(null)).is_err());
        }
        assert!(ReadingKind::BruteForceProtection.decode(json!({"error": "x"})).is_err());
        assert!(ReadingKind::ActiveUsers.decode(json!(1.0)).is_ok());
    }

    #[test]
    fn unknown_keys_are_dropped_and_sets_are_sorted() {
        let body = json!({"enabled": true, "shields": ["user_notification", "block"],
            "mode": "new_mode", "client_secret": "s3cret"});
        let reading = ReadingKind::BruteForceProtection.decode(body).unwrap();
        assert_eq!(
            reading.to_json(),
            json!({"enabled": true, "shields": ["block", "user_notification"], "mode": "new_mode"})
        );
    }
}
