//! Statistics: `stats/daily`.

pub mod breached_credentials_in_use;
pub mod breached_password_wave;
pub mod dormant_tenant;
pub mod login_volume_anomaly;
pub mod signup_spike;
pub mod signups_without_logins;
pub mod statistics_stale;

use serde_json::Value;

use super::prelude::*;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &breached_credentials_in_use::CHECK,
    &breached_password_wave::CHECK,
    &signup_spike::CHECK,
    &signups_without_logins::CHECK,
    &dormant_tenant::CHECK,
    &login_volume_anomaly::CHECK,
    &statistics_stale::CHECK,
];

const KIND: ReadingKind = ReadingKind::DailyStats;
const RESOURCE: &str = "stats/daily";

const fn remediation(dashboard_path: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path,
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::none("Users notice nothing: someone looks into the figures."),
    }
}

/// A violation of named aggregates and their bounds.
fn aggregates(severity: Severity, found: Value, expected: Value) -> Violation {
    Violation::from_evidence(severity, vec![Evidence::wrong(KIND, "", found, expected)])
}

/// Days of activity, each with its date and this figure.
#[cfg(test)]
fn days(figure: &str, days: &[(&str, u64)]) -> serde_json::Value {
    let row = |(date, n): &(&str, u64)| json!({"date": format!("{date}T00:00:00.000Z"), figure: n});
    days.iter().map(row).collect()
}
