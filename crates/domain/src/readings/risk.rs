//! `risk-assessments/*` and `supplemental-signals`.

use super::field::Count;
use super::record::records;

records! {
    /// `risk-assessments/settings`.
    RiskAssessment {
        /// Whether logins are assessed and logged.
        enabled: bool,
    }

    /// `risk-assessments/settings/new-device`.
    RiskAssessmentNewDevice {
        /// Days for which a device is remembered, 1 to 365.
        remember_for: Count,
    }

    /// `supplemental-signals`.
    SupplementalSignals {
        /// Whether Akamai's signals are taken in.
        akamai_enabled: bool,
    }
}
