//! Replies, and the error formats of Auth0's two APIs.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A complete response, before effects are applied to it.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        Self { status, headers, body: body.into() }
    }

    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    pub fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

/// An error of the Management API.
pub(crate) fn management_error(
    status: StatusCode,
    message: &str,
    error_code: Option<&str>,
) -> Reply {
    Reply::json(status, &management_envelope(status, message, error_code))
}

/// An error with `attributes.error`, which repeats the message in some 401s.
pub(crate) fn management_error_with_attributes(status: StatusCode, message: &str) -> Reply {
    let mut body = management_envelope(status, message, None);
    body["attributes"] = json!({ "error": message });
    Reply::json(status, &body)
}

fn management_envelope(status: StatusCode, message: &str, error_code: Option<&str>) -> Value {
    let mut body = json!({
        "statusCode": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "message": message,
    });
    if let Some(code) = error_code {
        body["errorCode"] = json!(code);
    }
    body
}

pub(crate) fn not_found() -> Reply {
    management_error(StatusCode::NOT_FOUND, "Not Found", None)
}

pub(crate) fn insufficient_scope(scopes: &str) -> Reply {
    let message = format!("Insufficient scope, expected any of: {scopes}");
    management_error(StatusCode::FORBIDDEN, &message, Some("insufficient_scope"))
}

pub(crate) fn expired_token() -> Reply {
    let message = "Expired token received for JSON Web Token validation";
    management_error_with_attributes(StatusCode::UNAUTHORIZED, message)
}

pub(crate) fn bot_detection_not_in_plan() -> Reply {
    let message = "Please upgrade your subscription to use bot detection";
    management_error(StatusCode::FORBIDDEN, message, Some("insufficient_entitlement"))
}

pub(crate) fn no_email_provider() -> Reply {
    let message = "There is not a configured email provider";
    management_error(StatusCode::NOT_FOUND, message, Some("inexistent_email_provider"))
}

pub(crate) fn bad_query(what: &str) -> Reply {
    let message = format!("Query validation error: {what}");
    management_error(StatusCode::BAD_REQUEST, &message, Some("invalid_query_string"))
}

pub(crate) fn bad_body(what: &str) -> Reply {
    let message = format!("Payload validation error: {what}");
    management_error(StatusCode::BAD_REQUEST, &message, Some("invalid_body"))
}

pub(crate) fn not_allowed(parameter: &str) -> String {
    format!("'Additional properties not allowed: {parameter}'.")
}

pub(crate) fn on_property(what: &str, name: &str) -> String {
    format!("'{what}' on property {name}.")
}

/// An error of the token endpoint.
pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({ "error": error, "error_description": description }))
}
