//! Reads a successful token response. The token is opaque except for `exp` and `scope`, which are read without
//! verification if the response does not state them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::readings::{Field, TokenFacts};
use domain::scope::Scopes;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::time::saturating_add;
use crate::token::{Token, authorization};

/// The assumed lifetime of a token that states none.
const UNSTATED_LIFETIME: Duration = Duration::from_mins(10);

/// Why a 200 contains no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenResponseError {
    /// Not JSON: the host is not a tenant.
    NotJson,
    /// Incomplete JSON.
    Incomplete,
    /// JSON without a usable `access_token`.
    NotUnderstood,
}

/// The unverified payload of a JWT.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    exp: Option<i64>,
    scope: Field<Scopes>,
}

/// Reads the body of a 200.
pub(crate) fn read(body: &[u8], now: Timestamp) -> Result<Token, TokenResponseError> {
    let answer: Value = serde_json::from_slice(body).map_err(|fault| {
        if fault.is_eof() && !body.is_empty() {
            TokenResponseError::Incomplete
        } else {
            TokenResponseError::NotJson
        }
    })?;
    let text = answer
        .get("access_token")
        .and_then(Value::as_str)
        .ok_or(TokenResponseError::NotUnderstood)?;
    if text.is_empty() || !is_bearer(answer.get("token_type")) {
        return Err(TokenResponseError::NotUnderstood);
    }
    let secret = SecretString::from(text);
    authorization(&secret).ok_or(TokenResponseError::NotUnderstood)?;
    let claims = claims(text);
    let mut facts: TokenFacts =
        serde_json::from_value(facts_of(&answer)).map_err(|_| TokenResponseError::NotUnderstood)?;
    if facts.scope.is_absent() {
        facts.scope = claims.scope;
    }
    let expires_at = match facts.expires_in.ok() {
        Some(seconds) => saturating_add(now, Duration::from_secs(seconds.0)),
        None => claims
            .exp
            .and_then(|exp| Timestamp::from_second(exp).ok())
            .unwrap_or_else(|| saturating_add(now, UNSTATED_LIFETIME)),
    };
    Ok(Token { text: secret, facts, got_at: now, expires_at })
}

/// Absent means bearer. Proof-of-possession tokens are not supported.
fn is_bearer(token_type: Option<&Value>) -> bool {
    token_type
        .is_none_or(|kind| kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")))
}

fn facts_of(answer: &Value) -> Value {
    let told = ["scope", "expires_in"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), answer.get(name)?.clone())))
        .filter(|(_, value)| !value.is_null());
    Value::Object(told.collect())
}

fn claims(token: &str) -> Claims {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        Timestamp::from_second(1_793_700_000).unwrap()
    }

    fn jwt(payload: &Value) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload.to_string()))
    }

    fn token(answer: &Value) -> Result<Token, TokenResponseError> {
        read(answer.to_string().as_bytes(), now())
    }

    #[test]
    fn scope_and_lifetime_are_read_from_the_answer() {
        let token = token(&json!({"access_token": jwt(&json!({"scope": "other", "exp": 1})),
            "scope": "read:stats read:mfa_policies", "expires_in": 86400, "token_type": "Bearer"}));
        let token = token.unwrap();
        assert_eq!(token.scopes(), Some(Scopes::parse("read:stats read:mfa_policies")));
        assert_eq!(token.expires_at.as_second(), 1_793_700_000 + 86400);
        assert!(!token.has_required_scopes());
        assert!(!format!("{token:?}").contains("e30"));
    }

    #[test]
    fn the_token_itself_is_read_where_the_answer_is_silent() {
        let text = jwt(&json!({"scope": "read:stats", "exp": 1_793_700_060}));
        let token = token(&json!({"access_token": text})).unwrap();
        assert_eq!(token.scopes(), Some(Scopes::parse("read:stats")));
        assert_eq!(token.expires_at.as_second(), 1_793_700_060);
        assert!(token.facts.expires_in.is_absent());
    }

    #[test]
    fn more_scopes_than_the_management_api_has_are_not_understood() {
        let scopes: Vec<String> = (0..20_000).map(|n| format!("read:thing{n}")).collect();
        let told = json!({"access_token": "opaque", "scope": scopes.join(" ")});
        let claimed = json!({"access_token": jwt(&json!({"scope": scopes.join(" ")}))});
        for answer in [told, claimed] {
            assert!(matches!(token(&answer).unwrap().facts.scope, Field::NotUnderstood(_)));
        }
    }

    #[test]
    fn an_opaque_token_leaves_the_scopes_unknown() {
        let token = token(&json!({"access_token": "opaque"})).unwrap();
        assert!(token.scopes().is_none() && token.has_required_scopes());
        assert_eq!(token.expires_at, saturating_add(now(), UNSTATED_LIFETIME));
    }

    #[test]
    fn anything_else_is_no_token() {
        for answer in [
            json!({}),
            json!([]),
            json!({"access_token": 1}),
            json!({"access_token": ""}),
            json!({"access_token": "a\nb"}),
            json!({"access_token": "a", "token_type": "DPoP"}),
        ] {
            assert_eq!(token(&answer).unwrap_err(), TokenResponseError::NotUnderstood, "{answer}");
        }
        assert_eq!(read(b"<html>", now()).unwrap_err(), TokenResponseError::NotJson);
    }
}
