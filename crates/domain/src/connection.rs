//! A connection to a tenant: two addresses and client credentials.

use secrecy::SecretString;

use crate::address::TenantAddress;

/// The parsed connection fields of the form. `Debug` never shows the secret.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Base address of the Management API.
    pub api_identifier: TenantAddress,
    /// Audience of the access tokens. Its host is never called.
    pub api_audience: TenantAddress,
    pub client_id: String,
    pub client_secret: SecretString,
}

impl Connection {
    /// The tenant's domain, which identifies it. It is the host of the audience: the identifier can have a
    /// custom domain, the audience cannot.
    pub fn tenant_domain(&self) -> String {
        self.api_audience.domain()
    }
}
