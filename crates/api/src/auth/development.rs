//! The development key of the embedded mode. `safe-auth0 token` signs tokens with it, without an identity
//! provider. Not for production: anyone with the file can act as any administrator.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::json;

use super::{ClaimRules, Identity, KeyError, Role};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A P-256 key pair that signs with ES256.
pub struct DevelopmentKey {
    pkcs8: SecretSlice<u8>,
    public_point: Vec<u8>,
}

impl DevelopmentKey {
    pub fn generate() -> Result<Self, KeyError> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(|_| KeyError::CannotMake)?;
        Self::from_pkcs8(document.as_ref())
    }

    /// Parses the output of [`DevelopmentKey::to_pem`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body = pem.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let body: String =
            body.ok_or(KeyError::NotDevelopmentKey)?.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::NotDevelopmentKey)?;
        Self::from_pkcs8(&der)
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map_err(|_| KeyError::NotDevelopmentKey)?;
        let public_point = pair.public_key().as_ref().to_vec();
        Ok(Self { pkcs8: der.to_vec().into(), public_point })
    }

    /// PKCS#8 in PEM form, for a file with mode 0600.
    pub fn to_pem(&self) -> SecretString {
        let text = STANDARD.encode(self.pkcs8.expose_secret());
        let mut pem = String::from(BEGIN);
        for line in text.as_bytes().chunks(64) {
            pem.push('\n');
            pem.extend(line.iter().map(|byte| char::from(*byte)));
        }
        pem.push('\n');
        pem.push_str(END);
        pem.push('\n');
        SecretString::from(pem)
    }

    /// Signs a token that a verifier with the same rules accepts from `now` until `now + lifetime`.
    pub fn sign(
        &self,
        identity: &Identity,
        role: Role,
        rules: &ClaimRules,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<String, KeyError> {
        let issued = now.as_second();
        let mut claims = json!({
            "iss": rules.issuer,
            "aud": rules.audience,
            "iat": issued,
            "exp": issued.saturating_add(lifetime.as_secs()),
        });
        claims[rules.claims.subject.as_str()] = json!(identity.subject);
        claims[rules.claims.email.as_str()] = json!(identity.email);
        claims[rules.claims.organisation.as_str()] = json!(identity.organisation_id);
        claims[rules.claims.role.as_str()] = json!(role.name());
        let key = EncodingKey::from_ec_der(self.pkcs8.expose_secret());
        let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| KeyError::NotDevelopmentKey)
    }

    pub(super) fn public_point(&self) -> &[u8] {
        &self.public_point
    }
}
