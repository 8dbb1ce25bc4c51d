//! The APIs that a tenant protects, and Auth0's own Management API: `resource-servers`.

pub mod api_browser_token_lifetime_long;
pub mod api_consent_skipped_beside_localhost;
pub mod api_hs256;
pub mod api_offline_access_for_browsers;
pub mod api_rbac_not_enforced;
pub mod api_token_lifetime_long;
pub mod api_tokens_not_sender_constrained;
pub mod management_api_open_to_users;

use super::management_api;
use super::prelude::*;
use crate::readings::ResourceServer;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &api_hs256::CHECK,
    &api_token_lifetime_long::CHECK,
    &management_api_open_to_users::CHECK,
    &api_rbac_not_enforced::CHECK,
    &api_tokens_not_sender_constrained::CHECK,
    &api_browser_token_lifetime_long::CHECK,
    &api_offline_access_for_browsers::CHECK,
    &api_consent_skipped_beside_localhost::CHECK,
];

const KIND: ReadingKind = ReadingKind::ResourceServers;
/// Of a finding: `resource-servers/{id}`.
const RESOURCE: &str = "resource-servers";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > (the API)",
        steps,
        call: Some((Method::Patch, "/api/v2/resource-servers/{id}")),
        required_scope: Some("update:resource_servers"),
        side_effects: SideEffects::after_changes(
            "The API and the applications that call it have to support it before the call.",
        ),
    }
}

/// Auth0 marks its own APIs with `is_system`, and mostly omits it for those of customers (recorded responses of real
/// tenants). Then the identifier decides, unless a customer's may be equal.
fn is_the_system_api(api: &Object<'_, ResourceServer>) -> Result<bool, Inconclusive> {
    if !api.item.is_system.is_absent() {
        return api.item.is_system.known().copied();
    }
    match api.item.identifier.known()?.as_str() {
        own if management_api::is_named_on_auth0(own) => Ok(true),
        like if management_api::is_named(like) => {
            Err(Inconclusive::Unknown(UnknownReason::NotUnderstood))
        }
        _ => Ok(false),
    }
}

/// Whether it is the Management API: Auth0 has other APIs of its own, such as the one for users' own accounts.
fn is_the_management_api(api: &Object<'_, ResourceServer>) -> Result<bool, Inconclusive> {
    let identifier = api.item.identifier.ok();
    let is_named_so = identifier.is_none_or(|of| management_api::is_named(of.as_str()));
    Ok(is_the_system_api(api)? && is_named_so)
}

fn is_of_the_customer(api: &Object<'_, ResourceServer>) -> Result<bool, Inconclusive> {
    Ok(!is_the_system_api(api)?)
}
