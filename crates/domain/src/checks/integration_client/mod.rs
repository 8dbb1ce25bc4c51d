//! Our own client in the tenant: it should have no more than reading needs.

pub mod integration_client_can_write;
pub mod integration_client_excess_read_scopes;
pub mod integration_token_lifetime_long;

pub use integration_client_can_write::ESCALATING;

use super::prelude::*;
use crate::readings::TokenFacts;
use crate::scope::Scopes;

const KIND: ReadingKind = ReadingKind::TokenFacts;
/// Our client's own resource: `clients/{our client ID}`.
const RESOURCE: &str = "clients";

/// No call: it would need the id of the grant or of the API, which our scopes do not read.
const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > APIs > Auth0 Management API > Machine to Machine Applications",
        steps,
        call: None,
        required_scope: None,
    }
}

/// The granted scopes, sorted. A response that does not say is unknown, not empty.
fn granted(tenant: &Tenant) -> Result<&Scopes, Inconclusive> {
    tenant.read::<TokenFacts>()?.scope.known()
}

/// The violation that these scopes are granted.
fn offending(severity: Severity, scopes: &[&str]) -> Violation {
    let shown = Evidence::wrong(KIND, "/scope", json!(scopes), json!([]));
    Violation::from_evidence(severity, vec![shown])
}
