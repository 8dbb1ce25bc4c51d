//! `risk-assessments/*` and `supplemental-signals`.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};

/// `risk-assessments/settings`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskAssessment {
    /// Whether logins are assessed and logged.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub enabled: Field<bool>,
}

/// `risk-assessments/settings/new-device`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskAssessmentNewDevice {
    /// Days for which a device is remembered, 1 to 365.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub remember_for: Field<Count>,
}

/// `supplemental-signals`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SupplementalSignals {
    /// Whether Akamai's signals are taken in.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub akamai_enabled: Field<bool>,
}
