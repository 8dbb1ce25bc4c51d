//! Authentication: verifies bearer tokens, either JWTs (RFC 7519) signed by a trusted key or tokens of API
//! credentials (`api_credentials.rs`). `extract/caller.rs` takes the token from the request and checks the
//! role.

mod algorithm;
pub mod api_credentials;
mod claims;
pub mod development;
mod jwks_cache;
mod jwt;
mod keys;

use std::sync::Arc;

use domain::OrganisationId;
use jiff::Timestamp;

pub use algorithm::Algorithm;
pub use api_credentials::CredentialLookup;
pub use claims::{ClaimNames, ClaimRules};
pub use domain::credential::Role;
pub use jwks_cache::KeySource;
pub use keys::KeyError;

use jwks_cache::RemoteKeys;
use keys::KeySet;

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

/// Verifies JWTs. Clones share the key cache.
#[derive(Clone)]
pub struct Verifier {
    rules: Arc<ClaimRules>,
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    Fixed(Arc<KeySet>),
    Remote(Arc<RemoteKeys>),
}

impl Verifier {
    /// A verifier with one public key (RSA, EC P-256 or P-384, Ed25519).
    pub fn from_pem(pem: &[u8], rules: ClaimRules) -> Result<Self, KeyError> {
        let keys = Keys::Fixed(Arc::new(KeySet::from_pem(pem)?));
        Ok(Self { rules: Arc::new(rules), keys })
    }

    /// A verifier with the development key.
    pub fn from_development_key(key: &development::DevelopmentKey, rules: ClaimRules) -> Self {
        let keys = Keys::Fixed(Arc::new(KeySet::from_p256_point(key.public_point())));
        Self { rules: Arc::new(rules), keys }
    }

    /// A verifier with a JSON Web Key Set (RFC 7517), which `source` fetches on first use.
    pub fn from_jwks(source: KeySource, rules: ClaimRules) -> Self {
        let keys = Keys::Remote(Arc::new(RemoteKeys::new(source)));
        Self { rules: Arc::new(rules), keys }
    }

    /// Verifies a token and returns its identity and role.
    pub async fn verify(&self, text: &str, now: Timestamp) -> Result<(Identity, Role), TokenError> {
        let token = jwt::Token::parse(text).map_err(TokenError::Token)?;
        if !self.rules.algorithms.contains(&token.algorithm) {
            return Err(TokenError::Token("the signature algorithm is not accepted"));
        }
        let keys = match &self.keys {
            Keys::Fixed(keys) => Arc::clone(keys),
            Keys::Remote(remote) => {
                remote.for_token(token.key_id.as_deref(), token.algorithm, now).await?
            }
        };
        if !keys.verify(&token) {
            return Err(TokenError::Token("the token is not signed by a key that is trusted here"));
        }
        let claims = token.claims().map_err(TokenError::Token)?;
        self.rules.validate(&claims, now)
    }
}

#[cfg(test)]
mod tests;
