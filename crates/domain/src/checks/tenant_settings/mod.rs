//! Settings of the tenant as a whole: `tenants/settings`, whose flags Auth0 merges one by one.

pub mod classic_signup_bot_model_off;
pub mod clickjacking_headers_off;
pub mod default_audience_set;
pub mod dynamic_client_registration_open;
pub mod extension_runtime_outdated;
pub mod legacy_flags_on;
pub mod passwordless_start_without_client_authentication;
pub mod phone_countries_unrestricted;
pub mod session_lifetime_long;
pub mod signup_reveals_existing_users;
pub mod support_contact_missing;
pub mod tenant_redirect_urls_insecure;

use super::prelude::*;

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
];

const KIND: ReadingKind = ReadingKind::TenantSettings;
const RESOURCE: &str = "tenants/settings";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Settings > Advanced",
        steps,
        call: Some((Method::Patch, "/api/v2/tenants/settings")),
        required_scope: Some("update:tenant_settings"),
        side_effects: SideEffects::none("Users notice nothing."),
    }
}
