//! Query, headers and body of a request. Handlers read them part by part, and [`RequestInput::finish`] returns all
//! faults at once: 400 if a part is malformed, else 422.

mod paging;
mod parameters;

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use domain::{Fault, Faults};
use engine::ExpectedVersion;
use http::{HeaderMap, Method};
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use serde_json::{Map, Value};
use store::KeyRing;
use url::form_urlencoded;

use super::encoding::form_decode;
use super::etag::{self, Tags};
use super::query::Parameters;
use super::{Caller, Media, accept, body, headers, json, matched_operation};
use crate::middleware::RequestContext;
use crate::middleware::idempotency::{self, IdempotentRequest};
use crate::operation::{Idempotency, Operation};
use crate::problem::ApiError;

/// Members of a form at most.
const FORM_MEMBERS_MAX: usize = 100;

/// For an operation without query and body: refuses unknown parameters.
pub struct NoInput;

impl<S: Send + Sync> FromRequest<S> for NoInput {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        RequestInput::from_request(request, state).await?.reject_unknown().map(|()| Self)
    }
}

/// The input of a request, read after its path and its caller.
pub struct RequestInput {
    context: RequestContext,
    operation: &'static Operation,
    method: Method,
    headers: HeaderMap,
    parameters: Parameters,
    /// Wiped once it is parsed.
    bytes: Zeroizing<Vec<u8>>,
    /// Wiped once its fingerprint is taken.
    body: Value,
    faults: Vec<Fault>,
    is_malformed: bool,
}

impl<S: Send + Sync> FromRequest<S> for RequestInput {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, incoming) = request.into_parts();
        let context = RequestContext::from_request_parts(&mut parts, state).await?;
        let operation = matched_operation(&parts.extensions)?;
        let has_body = matches!(parts.method, Method::POST | Method::PATCH | Method::PUT);
        let bytes = if has_body {
            body::read(&parts.headers, incoming).await?
        } else {
            Zeroizing::default()
        };
        let mut input = Self {
            context,
            operation,
            method: parts.method,
            headers: parts.headers,
            parameters: Parameters::parse(parts.uri.query().unwrap_or_default()),
            bytes,
            body: Value::Null,
            faults: Vec::new(),
            is_malformed: false,
        };
        let unreadable = input.parameters.unreadable();
        let faults: Vec<_> =
            unreadable.map(|(name, detail)| Fault::parameter(name, detail)).collect();
        for fault in faults {
            input.malformed(fault);
        }
        Ok(input)
    }
}

impl Drop for RequestInput {
    fn drop(&mut self) {
        json::wipe(&mut self.body);
    }
}

impl RequestInput {
    /// The value, or every fault of the request.
    pub fn finish<T>(&mut self, value: Option<T>) -> Result<T, ApiError> {
        let refuses_key = self.operation.declared.idempotency == Idempotency::Refused;
        if refuses_key && self.has_header("idempotency-key") {
            let detail = "must not be sent: the response has a secret, which is not stored";
            self.faults.push(Fault::header("idempotency-key", detail));
        }
        for (name, detail) in self.parameters.faults() {
            self.faults.push(Fault::parameter(name, detail));
        }
        let faults = std::mem::take(&mut self.faults);
        match (faults.is_empty(), self.is_malformed, value) {
            (true, _, Some(value)) => Ok(value),
            (true, _, None) => Err(ApiError::internal("an input is neither read nor faulty")),
            (false, true, _) => Err(ApiError::Malformed(Faults(faults))),
            (false, false, _) => Err(ApiError::Invalid(Faults(faults))),
        }
    }

    /// Ends the reading of a request without a body: every fault of it, unknown parameters among them.
    pub fn reject_unknown(&mut self) -> Result<(), ApiError> {
        self.finish(Some(()))
    }

    fn malformed(&mut self, fault: Fault) {
        self.is_malformed = true;
        self.faults.push(fault);
    }

    /// Parses the body. If `is_optional`, an empty body and `null` are `{}`.
    pub fn body<T>(
        &mut self,
        media: Media,
        is_optional: bool,
        read: impl FnOnce(&Value) -> Result<T, Faults>,
    ) -> Result<Option<T>, ApiError> {
        if self.bytes.is_empty() && is_optional {
            self.body = Value::Object(Map::new());
        } else {
            let is_absent = self.bytes.is_empty() && !self.headers.contains_key("content-type");
            if is_absent {
                self.malformed(Fault::at("", "is missing: send a JSON object"));
                return Ok(None);
            }
            body::check_media_type(&self.headers, media)?;
            match json::parse(&self.bytes) {
                Ok(Value::Null) if is_optional => self.body = Value::Object(Map::new()),
                Ok(value) => self.body = value,
                Err(detail) => {
                    self.malformed(Fault::at("", detail));
                    return Ok(None);
                }
            }
        }
        self.bytes.zeroize();
        Ok(read(&self.body).map_err(|Faults(faults)| self.faults.extend(faults)).ok())
    }

    /// Parses a form. An empty body is a form without members.
    pub fn form<T>(
        &mut self,
        read: impl FnOnce(&[(String, String)]) -> Result<T, Faults>,
    ) -> Result<Option<T>, ApiError> {
        if !self.bytes.is_empty() {
            body::check_media_type(&self.headers, Media::Form)?;
        }
        // The parser would insert replacement characters for invalid UTF-8.
        if form_decode(&self.bytes).is_err() {
            let detail = "is not a form: percent-encode it, as UTF-8";
            self.malformed(Fault::at("", detail));
            return Ok(None);
        }
        let members = form_urlencoded::parse(&self.bytes).into_owned();
        let members: Vec<_> = members.take(FORM_MEMBERS_MAX + 1).collect();
        if members.len() > FORM_MEMBERS_MAX {
            let detail = format!("must have at most {FORM_MEMBERS_MAX} members");
            self.faults.push(Fault::at("", detail));
            return Ok(None);
        }
        Ok(read(&members).map_err(|Faults(faults)| self.faults.extend(faults)).ok())
    }

    /// The idempotency key with what identifies the request. Read the body first; it is wiped here.
    pub fn idempotent_request(&mut self, caller: &Caller, keys: &KeyRing) -> IdempotentRequest {
        let key = match self.operation.declared.idempotency {
            Idempotency::Key => headers::idempotency_key(&self.headers).unwrap_or_else(|detail| {
                self.malformed(Fault::header("idempotency-key", detail));
                None
            }),
            Idempotency::Ignored | Idempotency::Refused => None,
        };
        let mut body = json::canonical(&self.body);
        json::wipe(&mut self.body);
        self.body = Value::Null;
        // The query selects the page: another page is another request.
        body.push_str(&self.parameters.canonical());
        let fingerprint = idempotency::fingerprint(keys, body.as_bytes());
        IdempotentRequest::new(key, &caller.actor, &self.method, self.context.clone(), fingerprint)
    }

    /// The query in canonical form.
    pub fn query(&self) -> String {
        self.parameters.canonical()
    }

    /// The id of the operation.
    pub fn operation_id(&self) -> &'static str {
        self.operation.id.as_str()
    }

    /// Whether the header is present, valid or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// `If-Match`; none when absent or malformed.
    pub fn if_match(&mut self) -> Option<ExpectedVersion> {
        self.tags("if-match").map(Tags::into_expected)
    }

    /// `If-None-Match`; none when absent or malformed.
    pub fn if_none_match(&mut self) -> Option<Tags> {
        self.tags("if-none-match")
    }

    fn tags(&mut self, name: &'static str) -> Option<Tags> {
        let tags = etag::parse(&self.headers, name)?;
        if tags.is_err() {
            let detail = r#"must be * or a list of tags in quotes, such as "3""#;
            self.malformed(Fault::header(name, detail));
        }
        tags.ok()
    }

    /// The wait that `Prefer` asks for.
    pub fn wait(&mut self) -> Option<Duration> {
        headers::prefer_wait(&self.headers).unwrap_or_else(|detail| {
            self.malformed(Fault::header("prefer", detail));
            None
        })
    }

    /// The event after which a stream continues; 0 is the beginning.
    pub fn last_event_id(&mut self) -> i64 {
        headers::last_event_id(&self.headers).unwrap_or_else(|detail| {
            self.malformed(Fault::header("last-event-id", detail));
            0
        })
    }

    /// The offered media type that `Accept` prefers; none when it accepts none of them.
    pub fn preferred(&self, offered: &[&'static str]) -> Option<&'static str> {
        accept::preferred(&self.headers, offered)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde_json::json;

    use super::*;
    use crate::operation::admin;
    use crate::testing::{identity, matched};

    #[tokio::test]
    async fn a_body_is_wiped_once_it_is_parsed_and_fingerprinted() {
        let request = Request::post("/v1/things").header("content-type", "application/json");
        let mut request = request.body(Body::from(r#"{"secret":"planted"}"#)).unwrap();
        let context = RequestContext::new(&request);
        let caller = Caller { actor: context.actor_for(identity()), ends_at: None };
        request.extensions_mut().insert(context);
        request.extensions_mut().insert(matched(admin().idempotent()).0);
        let mut input = RequestInput::from_request(request, &()).await.ok().unwrap();
        assert!(!input.bytes.is_empty());
        let secret = |body: &Value| Ok(body["secret"].clone());
        let secret = input.body(Media::Json, false, secret).ok().unwrap();
        assert_eq!(secret, Some(json!("planted")));
        assert!(input.bytes.is_empty());
        let _request = input.idempotent_request(&caller, &KeyRing::generate("test").0);
        assert_eq!(input.body, Value::Null);
        let mut body = json!({"a": ["planted", {"b": "planted"}], "n": 1});
        json::wipe(&mut body);
        assert_eq!(body, json!({"a": ["", {"b": ""}], "n": 1}));
    }
}
