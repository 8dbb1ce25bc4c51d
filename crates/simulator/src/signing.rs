//! The RSA key of all simulated tenants, and the tokens it signs. The key is generated once in a process, because that
//! is slow; tenants distinguish their tokens by the issuer.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::OnceLock;

pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
    modulus: String,
    exponent: String,
}

/// Why a text is not a valid token of this key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// Not three parts, such as an opaque token.
    NotAJwt,
    Unreadable,
    BadSignature,
}

pub(crate) fn signing_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(SigningKey::generate)
}

impl SigningKey {
    fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("2048 bits is a supported size");
        let public = pair.public_key();
        let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(public);
        let fingerprint = digest::digest(&digest::SHA256, public.as_ref());
        Self {
            modulus: URL_SAFE_NO_PAD.encode(n),
            exponent: URL_SAFE_NO_PAD.encode(e),
            kid: URL_SAFE_NO_PAD.encode(&fingerprint.as_ref()[..16]),
            pair,
        }
    }

    /// Signs a JWT with these claims (RS256, with `kid`).
    pub fn sign(&self, claims: &Value) -> String {
        let head = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&head), encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("the buffer has the length of the modulus");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Verifies the signature and returns the claims. Does not check issuer, audience and time.
    pub fn verify(&self, token: &str) -> Result<Value, TokenFault> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::NotAJwt)?;
        let (head, claims) = signed.split_once('.').ok_or(TokenFault::NotAJwt)?;
        if claims.contains('.') {
            return Err(TokenFault::NotAJwt);
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Unreadable);
        let object = |part: &str| -> Result<Value, TokenFault> {
            let value = serde_json::from_slice::<Value>(&decode(part)?);
            value.ok().filter(Value::is_object).ok_or(TokenFault::Unreadable)
        };
        let (head, claims, signature) = (object(head)?, object(claims)?, decode(signature)?);
        if head["alg"] != "RS256" || head["kid"] != self.kid.as_str() {
            return Err(TokenFault::BadSignature);
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref())
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| TokenFault::BadSignature)?;
        Ok(claims)
    }

    /// The body of `/.well-known/jwks.json`.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256",
            "kid": self.kid, "n": self.modulus, "e": self.exponent,
        }]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_token_fails_verification() {
        let key = signing_key();
        let token = key.sign(&json!({ "iss": "https://a/" }));
        assert_eq!(key.verify(&token).unwrap()["iss"], "https://a/");

        let forged = URL_SAFE_NO_PAD.encode(json!({ "iss": "https://b/" }).to_string());
        let parts: Vec<&str> = token.split('.').collect();
        let changed = format!("{}.{forged}.{}", parts[0], parts[2]);
        assert_eq!(key.verify(&changed), Err(TokenFault::BadSignature));
    }

    #[test]
    fn invalid_tokens_have_distinct_errors() {
        let key = signing_key();
        assert_eq!(key.verify("opaque"), Err(TokenFault::NotAJwt));
        assert_eq!(key.verify("a.b.c.d"), Err(TokenFault::NotAJwt));
        assert_eq!(key.verify("a.b.c"), Err(TokenFault::Unreadable));
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert_eq!(key.verify(&format!("{unsigned}.e30.")), Err(TokenFault::BadSignature));
    }

    #[test]
    fn the_published_key_verifies_the_tokens() {
        let key = signing_key();
        let published = &key.jwks()["keys"][0];
        let number =
            |name: &str| URL_SAFE_NO_PAD.decode(published[name].as_str().unwrap()).unwrap();
        let token = key.sign(&json!({}));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        RsaPublicKeyComponents { n: number("n"), e: number("e") }
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed.as_bytes(),
                &URL_SAFE_NO_PAD.decode(signature).unwrap(),
            )
            .unwrap();
    }
}
