//! The surroundings of a tenant: log streams, network rules, domains, e-mail, signing keys.

pub mod custom_domain_missing;
pub mod email_provider_missing;
pub mod log_stream_missing;
pub mod management_api_open_to_all_addresses;
pub mod signing_key_old;
pub mod tenant_acl_missing;

use serde::Serialize;

use super::prelude::*;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &log_stream_missing::CHECK,
    &tenant_acl_missing::CHECK,
    &management_api_open_to_all_addresses::CHECK,
    &custom_domain_missing::CHECK,
    &email_provider_missing::CHECK,
    &signing_key_old::CHECK,
];

/// Without a call by default.
const fn remediation(path: &'static str, steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: path,
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::none("Users notice nothing."),
    }
}

/// A violation on a list as a whole: one value of each object, sorted, because positions of objects mean nothing.
fn summary<T: Serialize>(
    severity: Severity,
    reading: ReadingKind,
    values: impl Iterator<Item = T>,
    expected: &Expected,
) -> Violation {
    let mut found: Vec<_> = values.map(|value| json!(value)).collect();
    found.sort_by_key(ToString::to_string);
    Violation::from_evidence(
        severity,
        vec![Evidence::wrong(reading, "", json!(found), expected.to_json())],
    )
}
