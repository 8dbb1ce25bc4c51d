//! The APIs that a tenant protects, and Auth0's own Management API: `resource-servers`.

pub mod api_hs256;
pub mod api_rbac_not_enforced;
pub mod api_token_lifetime_long;
pub mod api_tokens_not_sender_constrained;
pub mod management_api_open_to_users;

use super::prelude::*;
use crate::readings::ResourceServer;

const KIND: ReadingKind = ReadingKind::ResourceServers;
/// Of each finding: `resource-servers/{id}`.
const RESOURCE: &str = "resource-servers";

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > (the API)",
        steps,
        call: Some((Method::Patch, "/api/v2/resource-servers/{id}")),
        required_scope: Some("update:resource_servers"),
    }
}

fn is_the_system_api(api: &Object<'_, ResourceServer>) -> Result<bool, Unjudged> {
    api.item.is_system.known().copied()
}

fn is_of_the_customer(api: &Object<'_, ResourceServer>) -> Result<bool, Unjudged> {
    Ok(!is_the_system_api(api)?)
}
