//! Settings of the tenant as a whole: `tenants/settings`, whose flags Auth0 merges one by one.

pub mod classic_signup_bot_model_off;
pub mod clickjacking_headers_off;
pub mod default_audience_set;
pub mod default_directory_with_password_grant;
pub mod dynamic_client_registration_open;
pub mod extension_runtime_outdated;
pub mod legacy_flags_on;
pub mod management_api_reveals_phone_numbers;
pub mod management_api_v1_on;
pub mod new_applications_get_every_connection;
pub mod passwordless_start_without_client_authentication;
pub mod phone_countries_unrestricted;
pub mod redirects_carry_email_addresses;
pub mod refresh_token_revocation_keeps_grant;
pub mod session_cookie_persistent;
pub mod session_lifetime_long;
pub mod signup_reveals_existing_users;
pub mod support_contact_missing;
pub mod tenant_redirect_urls_insecure;

use super::prelude::*;
use super::unknown;
use crate::readings::Field;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &session_lifetime_long::CHECK,
    &legacy_flags_on::CHECK,
    &clickjacking_headers_off::CHECK,
    &dynamic_client_registration_open::CHECK,
    &signup_reveals_existing_users::CHECK,
    &passwordless_start_without_client_authentication::CHECK,
    &extension_runtime_outdated::CHECK,
    &tenant_redirect_urls_insecure::CHECK,
    &support_contact_missing::CHECK,
    &classic_signup_bot_model_off::CHECK,
    &default_audience_set::CHECK,
    &phone_countries_unrestricted::CHECK,
    &management_api_v1_on::CHECK,
    &new_applications_get_every_connection::CHECK,
    &management_api_reveals_phone_numbers::CHECK,
    &refresh_token_revocation_keeps_grant::CHECK,
    &redirects_carry_email_addresses::CHECK,
    &default_directory_with_password_grant::CHECK,
    &session_cookie_persistent::CHECK,
];

const KIND: ReadingKind = ReadingKind::TenantSettings;
const RESOURCE: &str = "tenants/settings";

/// Fails if any of these flags is on, and switches off those that are.
fn all_off(tenant: &Tenant, severity: Severity, flags: &[(&str, &Field<bool>)]) -> Judgement {
    if !unknown::any(flags.iter().map(|(_, flag)| flag.known().copied()))? {
        return Ok(Verdict::Pass);
    }
    let mut violation = Violation::from_evidence(severity, Vec::new());
    let mut change = Change::nothing();
    for (pointer, _) in flags.iter().filter(|(_, flag)| flag.ok() == Some(&true)) {
        violation = violation.and(tenant, KIND, pointer, &Expected::Is(json!(false)));
        change = change.with(Change::set(tenant, KIND, pointer, json!(false)));
    }
    violation.fixed_by(change).into_failure()
}

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Settings > Advanced",
        steps,
        call: Some((Method::Patch, "/api/v2/tenants/settings")),
        required_scope: Some("update:tenant_settings"),
        side_effects: SideEffects::none("Users notice nothing."),
    }
}
