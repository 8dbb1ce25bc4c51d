//! Who calls: a bearer token (JWT, RFC 7519) signed by a key we trust, and the claims we need of it;
//! or a token of our own (`api_credentials.rs`).
//! Not here: taking the token from a request and checking the role (`extract/caller.rs`).

mod algorithm;
pub mod api_credentials;
mod claims;
pub mod development;
mod jwks;
mod keys;
mod token;

use std::sync::Arc;

use domain::OrganisationId;
use jiff::Timestamp;

pub use algorithm::Algorithm;
pub use api_credentials::CredentialLookup;
pub use claims::{ClaimNames, ClaimRules};
pub use domain::credential::Role;
pub use jwks::KeySource;
pub use keys::KeyError;

use jwks::RemoteKeys;
use keys::KeySet;

/// Longest accepted token, in bytes.
pub const TOKEN_MAX: usize = 8 * 1024;

/// Who a verified token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// For which organisation.
    pub organisation_id: OrganisationId,
    /// Who, for programs.
    pub subject: String,
    /// Who, for people: Started By.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// What a token that is good, and not sufficient, says of its caller: for the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialIdentity {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Empty where it is not said.
    pub subject: String,
    /// Empty where it is not said.
    pub email: String,
}

/// Why a token is not accepted. The texts hold no quote and nothing of the token.
#[derive(Debug, PartialEq, Eq)]
pub enum TokenError {
    /// 401: this is why.
    Token(&'static str),
    /// 401: this is why; the token is good, and says at least the organisation.
    Incomplete(&'static str, Box<PartialIdentity>),
    /// 403: the token is good, and its role is none of ours.
    Role(Box<PartialIdentity>),
    /// 503: the keys cannot be had. The cause is for the log.
    NoKeys(String),
}

/// Verifies tokens. Clones share the cache of keys.
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
    /// With one public key (RSA, EC P-256 or P-384, Ed25519).
    pub fn from_pem(pem: &[u8], rules: ClaimRules) -> Result<Self, KeyError> {
        let keys = Keys::Fixed(Arc::new(KeySet::from_pem(pem)?));
        Ok(Self { rules: Arc::new(rules), keys })
    }

    /// With the key that this service made for itself.
    pub fn from_development_key(key: &development::DevelopmentKey, rules: ClaimRules) -> Self {
        let keys = Keys::Fixed(Arc::new(KeySet::from_p256_point(key.public_point())));
        Self { rules: Arc::new(rules), keys }
    }

    /// With a JSON Web Key Set (RFC 7517) that `source` fetches. It is fetched when first needed.
    pub fn from_jwks(source: KeySource, rules: ClaimRules) -> Self {
        let keys = Keys::Remote(Arc::new(RemoteKeys::new(source)));
        Self { rules: Arc::new(rules), keys }
    }

    /// Who the token speaks for.
    pub async fn verify(&self, text: &str, now: Timestamp) -> Result<Identity, TokenError> {
        let token = token::Token::parse(text).map_err(TokenError::Token)?;
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
        self.rules.identity(&claims, now)
    }
}

#[cfg(test)]
mod tests;
