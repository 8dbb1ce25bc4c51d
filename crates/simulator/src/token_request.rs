//! Parses a token request: JSON or form, with the credentials in the body or in a Basic header.

use crate::tenant_file::AuthMethod;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The parameters. No `Debug`, because it contains a secret.
#[derive(Default)]
pub(crate) struct TokenRequest {
    pub grant_type: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub audience: Option<String>,
    pub scope: Option<String>,
    /// How the client sent its secret.
    pub auth_method: Option<AuthMethod>,
    /// The names of all parameters in the body.
    pub names: Vec<String>,
}

impl TokenRequest {
    /// The error is an `error_description`.
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, &'static str> {
        let mut parameters = parameters(headers, body)?;
        let names = parameters.keys().cloned().collect();
        let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
        let mut request = Self {
            grant_type: take("grant_type"),
            client_id: take("client_id"),
            client_secret: take("client_secret"),
            audience: take("audience"),
            scope: take("scope"),
            auth_method: None,
            names,
        };
        if request.client_secret.is_some() {
            request.auth_method = Some(AuthMethod::ClientSecretPost);
        } else if let Some((id, secret)) = basic_credentials(headers) {
            request.client_id = Some(id);
            request.client_secret = Some(secret);
            request.auth_method = Some(AuthMethod::ClientSecretBasic);
        }
        Ok(request)
    }
}

fn parameters(headers: &HeaderMap, body: &[u8]) -> Result<BTreeMap<String, String>, &'static str> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(form_urlencoded::parse(body).into_owned().collect());
    }
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err("Unsupported content type");
    }
    let object: BTreeMap<String, Value> =
        serde_json::from_slice(body).map_err(|_| "Invalid JSON body")?;
    // A parameter that is not a string counts as empty, but its name is logged.
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    Ok(object.into_iter().map(|(name, value)| (name, text(value))).collect())
}

/// RFC 6749 2.3.1: both parts are form-encoded before they are joined.
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let pair = format!("v={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn json_and_form_are_equivalent() {
        let json = headers(&[(header::CONTENT_TYPE, "application/json; charset=utf-8")]);
        let form = headers(&[(header::CONTENT_TYPE, "application/x-www-form-urlencoded")]);
        for request in [
            TokenRequest::parse(&json, br#"{"client_id":"a","client_secret":"b c"}"#),
            TokenRequest::parse(&form, b"client_id=a&client_secret=b+c"),
        ] {
            let request = request.ok().unwrap();
            assert_eq!(request.client_id.as_deref(), Some("a"));
            assert_eq!(request.client_secret.as_deref(), Some("b c"));
            assert_eq!(request.auth_method, Some(AuthMethod::ClientSecretPost));
            assert_eq!(request.names, ["client_id", "client_secret"]);
        }
    }

    #[test]
    fn basic_credentials_are_parsed_from_the_header() {
        let basic = format!("Basic {}", STANDARD.encode("a%2Fb:p%26q"));
        let headers = headers(&[
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (header::AUTHORIZATION, &basic),
        ]);
        let request = TokenRequest::parse(&headers, b"grant_type=client_credentials").ok().unwrap();
        assert_eq!(request.client_id.as_deref(), Some("a/b"));
        assert_eq!(request.client_secret.as_deref(), Some("p&q"));
        assert_eq!(request.auth_method, Some(AuthMethod::ClientSecretBasic));
    }

    #[test]
    fn other_bodies_are_rejected() {
        let text = headers(&[(header::CONTENT_TYPE, "text/plain")]);
        assert!(TokenRequest::parse(&text, b"").is_err());
        let json = headers(&[(header::CONTENT_TYPE, "application/json")]);
        assert!(TokenRequest::parse(&json, b"[").is_err());
    }
}
