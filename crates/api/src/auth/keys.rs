//! Public keys and the algorithms each may verify.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde_json::Value;

use super::Algorithm;
use super::jwt::Token;

/// Maximum number of keys in a set.
const KEYS_MAX: usize = 100;
/// Maximum size of a key set, in bytes.
const JWKS_MAX: usize = 256 * 1024;

/// Why a key cannot be used. The text never contains the key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("is not a public key in PEM form (RSA, EC P-256 or P-384, Ed25519)")]
    NotPublicPem,
    #[error("is a private key: give its public half")]
    Private,
    #[error("is not a P-256 private key in PKCS#8 PEM form")]
    NotDevelopmentKey,
    /// The system's random number generator failed.
    #[error("cannot make a key")]
    CannotMake,
}

/// A set of trusted keys.
pub struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: DecodingKey,
}

impl KeySet {
    /// A single key, used for every key id.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        if pem.windows(11).any(|window| window == b"PRIVATE KEY") {
            return Err(KeyError::Private);
        }
        let rsa = || DecodingKey::from_rsa_pem(pem).map(|key| (key, Algorithm::RSA.to_vec()));
        let ec = || {
            let algorithms = vec![Algorithm::Es256, Algorithm::Es384];
            DecodingKey::from_ec_pem(pem).map(|key| (key, algorithms))
        };
        let ed = || DecodingKey::from_ed_pem(pem).map(|key| (key, vec![Algorithm::EdDsa]));
        let read = rsa().or_else(|_| ec()).or_else(|_| ed());
        let (decoding, algorithms) = read.map_err(|_| KeyError::NotPublicPem)?;
        Ok(Self(vec![Key { id: None, algorithms, decoding }]))
    }

    /// A P-256 key from its uncompressed point.
    pub fn from_p256_point(point: &[u8]) -> Self {
        let decoding = DecodingKey::from_ec_der(point);
        Self(vec![Key { id: None, algorithms: vec![Algorithm::Es256], decoding }])
    }

    /// Parses a JSON Web Key Set. Unusable keys are skipped. A set without usable keys is an error, so that
    /// it does not replace a good one.
    pub fn from_jwks(text: &str) -> Result<Self, String> {
        if text.len() > JWKS_MAX {
            return Err("the key set is too large".into());
        }
        let set: Value = serde_json::from_str(text).map_err(|_| "the key set is not JSON")?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or("the key set has no keys")?;
        let usable: Vec<Key> = keys.iter().take(KEYS_MAX).filter_map(Key::from_jwk).collect();
        if usable.is_empty() {
            return Err("the key set has no key that can be used here".into());
        }
        Ok(Self(usable))
    }

    /// Whether the set has a key for this key id and algorithm.
    pub fn has(&self, key_id: Option<&str>, algorithm: Algorithm) -> bool {
        self.candidates(key_id, algorithm).next().is_some()
    }

    /// Whether one of the keys signed the token.
    pub fn verify(&self, token: &Token<'_>) -> bool {
        let native = token.algorithm.native();
        self.candidates(token.key_id.as_deref(), token.algorithm).any(|key| {
            let message = token.message.as_bytes();
            jsonwebtoken::crypto::verify(token.signature, message, &key.decoding, native)
                .unwrap_or(false)
        })
    }

    fn candidates(&self, key_id: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| {
            let is_named = match (key_id, key.id.as_deref()) {
                (Some(wanted), Some(id)) => wanted == id,
                (None, _) | (_, None) => true,
            };
            is_named && key.algorithms.contains(&algorithm)
        })
    }
}

impl Key {
    fn from_jwk(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let is_for_signatures =
            matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        // RFC 7517 section 4.3: `key_ops`, if present, must allow verification.
        let operations = jwk.common.key_operations.as_ref();
        let may_verify = operations.is_none_or(|list| list.contains(&KeyOperations::Verify));
        let by_type = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RSA.to_vec(),
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => vec![Algorithm::Es256],
                EllipticCurve::P384 => vec![Algorithm::Es384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                vec![Algorithm::EdDsa]
            }
            _ => return None,
        };
        // `alg` restricts the key to one algorithm.
        let algorithms = match value.get("alg").and_then(Value::as_str) {
            Some(name) => by_type.into_iter().filter(|each| each.name() == name).collect(),
            None => by_type,
        };
        if !is_for_signatures || !may_verify || algorithms.is_empty() {
            return None;
        }
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, algorithms, decoding })
    }
}
