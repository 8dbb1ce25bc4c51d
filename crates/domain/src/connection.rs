//! What it takes to talk to one tenant: two addresses and a pair of credentials.

use secrecy::SecretString;

use crate::address::TenantAddress;

/// The connection fields of the form, parsed. `Debug` never shows the secret.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Where calls go.
    pub api_identifier: TenantAddress,
    /// What the token is for. Its host is never dialled.
    pub api_audience: TenantAddress,
    /// OAuth 2.0 client identifier.
    pub client_id: String,
    /// OAuth 2.0 client secret.
    pub client_secret: SecretString,
}

impl Connection {
    /// The tenant's domain, which is its identity: the audience's host, because a custom domain
    /// can stand in the identifier and never in the audience.
    pub fn tenant_domain(&self) -> String {
        self.api_audience.domain()
    }
}
