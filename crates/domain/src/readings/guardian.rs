//! `guardian/policies` (a bare array of policy names, empty when MFA is never demanded) and
//! `guardian/factors`.

use serde::{Deserialize, Serialize};

use super::absent_defaults::Assumed;
use super::field::Members;
use super::record::{first_of, objects, records};

/// `guardian/policies`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MfaPolicies(pub Members<MfaPolicy>);

/// When a second factor is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MfaPolicy {
    /// "Always".
    AllApplications,
    /// "Adaptive".
    ConfidenceScore,
}

/// `guardian/factors`: a bare array, one entry for each factor that Auth0 offers; by name.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct GuardianFactors(pub Vec<GuardianFactor>);

impl GuardianFactors {
    /// What is assumed of the value at a JSON Pointer, which begins with a place in the list.
    pub fn assumed_at(&self, pointer: &str) -> Option<Assumed> {
        let (place, below) = first_of(pointer)?;
        self.0.get(place.parse::<usize>().ok()?)?.assumed_at(below)
    }
}

impl<'de> Deserialize<'de> for GuardianFactors {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut factors: Vec<GuardianFactor> = objects(deserializer)?;
        factors.sort_by(|a, b| a.name.ok().cmp(&b.name.ok()));
        Ok(Self(factors))
    }
}

records! {
    /// One factor.
    GuardianFactor {
        name: Factor,
        /// Whether users can enrol it.
        enabled: bool,
        /// Whether it was only on trial, and the trial is over.
        trial_expired: bool = Likely(false),
    }
}

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    PushNotification,
    Sms,
    Email,
    Duo,
    Otp,
    WebauthnRoaming,
    WebauthnPlatform,
    RecoveryCode,
    Passkey,
}
