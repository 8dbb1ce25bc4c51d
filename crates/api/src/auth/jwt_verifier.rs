//! Verifies JWTs (RFC 7519): the algorithm, the signature by a trusted key, then the claims.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::jwks_cache::{KeySource, RemoteKeys};
use super::keys::{KeyError, KeySet};
use super::{ClaimRules, Identity, Role, TokenError, development, jwt};

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

    /// A verifier with a JSON Web Key Set (RFC 7517), which `source` fetches on first use. While it cannot be fetched,
    /// keys are used until they are older than `stale_max`.
    pub fn from_jwks(source: KeySource, rules: ClaimRules, stale_max: SignedDuration) -> Self {
        let keys = Keys::Remote(Arc::new(RemoteKeys::new(source, stale_max)));
        Self { rules: Arc::new(rules), keys }
    }

    /// Verifies a token and returns its identity and role.
    pub async fn verify(&self, text: &str, now: Timestamp) -> Result<(Identity, Role), TokenError> {
        let token = jwt::Token::parse(text).map_err(TokenError::Token)?;
        if !self.rules.algorithms.contains(&token.algorithm) {
            return Err(TokenError::Token("the signature algorithm is not accepted"));
        }
        if self.rules.access_tokens_only && !token.is_for_access {
            return Err(TokenError::Token("the token is not an access token of the type at+jwt"));
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
