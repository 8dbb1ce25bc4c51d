//! `guardian/policies`: a bare array of policy names, empty when MFA is never demanded.

use serde::{Deserialize, Serialize};

use super::field::Members;

/// `guardian/policies`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MfaPolicies(pub Members<MfaPolicy>);

/// When a second factor is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MfaPolicy {
    /// "Always".
    AllApplications,
    /// "Adaptive".
    ConfidenceScore,
}
