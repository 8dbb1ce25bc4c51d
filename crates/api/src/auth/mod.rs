//! Authentication: verifies bearer tokens, either JWTs (RFC 7519) signed by a trusted key or tokens of API
//! credentials (`api_credentials.rs`). `extract/caller.rs` takes the token from the request and checks the
//! role.

mod algorithm;
pub mod api_credentials;
mod claims;
pub mod development;
mod jwks_cache;
mod jwt;
mod jwt_verifier;
mod keys;

use domain::OrganisationId;

pub use algorithm::Algorithm;
pub use api_credentials::CredentialLookup;
pub use claims::{ClaimNames, ClaimRules};
pub use domain::credential::Role;
pub use jwks_cache::KeySource;
pub use jwt_verifier::Verifier;
pub use keys::KeyError;

/// Maximum length of a token, in bytes.
pub const TOKEN_MAX: usize = 8 * 1024;

/// The user or program that a verified token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub organisation_id: OrganisationId,
    pub subject: String,
    /// Shown as Started By.
    pub email: String,
}

/// Why a token is rejected. The texts contain no quotation marks and no part of the token.
#[derive(Debug, PartialEq, Eq)]
pub enum TokenError {
    /// 401, with the reason.
    Token(&'static str),
    /// 401, with the reason. The signature is valid and the organisation is known; missing claims are empty.
    Incomplete(&'static str, Box<Identity>),
    /// 403: the token is valid, but its role is unknown.
    Role(Box<Identity>),
    /// 503: the keys cannot be fetched. The cause is logged.
    NoKeys(String),
}

#[cfg(test)]
mod tests;
