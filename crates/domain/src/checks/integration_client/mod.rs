//! This service's own client in the tenant: it should have no scopes beyond those it needs.

pub mod integration_client_can_write;
pub mod integration_client_excess_read_scopes;
pub mod integration_token_lifetime_long;

pub use integration_client_can_write::ESCALATING;

use super::prelude::*;
use crate::readings::TokenFacts;
use crate::scope::Scopes;

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &integration_client_can_write::CHECK,
    &integration_client_excess_read_scopes::CHECK,
    &integration_token_lifetime_long::CHECK,
];

const KIND: ReadingKind = ReadingKind::TokenFacts;
/// Its own resource: `clients/{client ID}`.
const RESOURCE: &str = "clients";

/// Without a call: it would need the id of the grant or of the API, which the required scopes do not show.
const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > Auth0 Management API > Machine to Machine Applications",
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::none(
            "Only this integration uses the client, and it needs nothing of what is removed.",
        ),
    }
}

/// The granted scopes, sorted. Unknown if the response does not state them.
fn granted(tenant: &Tenant) -> Result<&Scopes, Inconclusive> {
    tenant.read::<TokenFacts>()?.scope.known()
}

/// A violation by these granted scopes.
fn offending(severity: Severity, scopes: &[&str]) -> Violation {
    let shown = Evidence::wrong(KIND, "/scope", json!(scopes), json!([]));
    Violation::from_evidence(severity, vec![shown])
}
