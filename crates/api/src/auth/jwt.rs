//! Parses a JWT. Nothing in it is trusted before `keys.rs` verifies the signature and `claims.rs` the claims.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Algorithm, TOKEN_MAX};

/// The three parts of a JWS in compact form (RFC 7515 section 7.1).
pub struct Token<'a> {
    pub algorithm: Algorithm,
    pub key_id: Option<String>,
    /// Whether its type is that of access tokens (RFC 9068 section 2.1). ID tokens have another or none.
    pub is_for_access: bool,
    /// Header and payload, as signed.
    pub message: &'a str,
    /// In base64url.
    pub signature: &'a str,
    payload: &'a str,
}

impl<'a> Token<'a> {
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        const SHAPE: &str = "the token is not a JSON Web Token";
        if text.len() > TOKEN_MAX {
            return Err("the token is too long");
        }
        let (message, signature) = text.rsplit_once('.').ok_or(SHAPE)?;
        let (header, payload) = message.split_once('.').ok_or(SHAPE)?;
        if payload.contains('.') {
            return Err(SHAPE);
        }
        let header = object(header).ok_or(SHAPE)?;
        // RFC 7515 section 4.1.11: a critical header that is not understood makes the token invalid.
        if header.contains_key("crit") {
            return Err("the token has critical headers that are not understood here");
        }
        let name = header.get("alg").and_then(Value::as_str).ok_or(SHAPE)?;
        let algorithm =
            Algorithm::from_str(name).map_err(|_| "the signature algorithm is not accepted")?;
        let key_id = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        let is_for_access = header.get("typ").and_then(Value::as_str).is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.strip_prefix("application/").unwrap_or(&kind) == "at+jwt"
        });
        Ok(Self { algorithm, key_id, is_for_access, message, signature, payload })
    }

    /// The claims. Verify the signature first.
    pub fn claims(&self) -> Result<Map<String, Value>, &'static str> {
        object(self.payload).ok_or("the token has no readable claims")
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}
