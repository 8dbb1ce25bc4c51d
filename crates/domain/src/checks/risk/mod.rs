//! Risk assessment: `risk-assessments/settings` and `risk-assessments/settings/new-device`.

pub mod risk_assessment_off;
pub mod risk_device_remembered_too_long;

use super::prelude::*;

/// Parents before children.
pub const CHECKS: &[&Check] =
    &[&risk_assessment_off::CHECK, &risk_device_remembered_too_long::CHECK];

const fn remediation(call: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Security > Multi-factor Auth > MFA Risk Assessors",
        steps,
        call: Some((Method::Patch, call)),
        required_scope: Some("update:attack_protection"),
        side_effects: SideEffects::none("Users notice nothing: risk is assessed and logged."),
    }
}
