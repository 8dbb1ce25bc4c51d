//! Query, headers and body of a request. Handlers read them part by part, and [`RequestInput::finish`] returns all
//! faults at once: 400 if a part is malformed, else 422.

mod paging;
mod parameters;

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use bytes::Bytes;
use domain::{Fault, Faults};
use engine::ExpectedVersion;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::encoding::form_decode;
use super::etag::{self, Tags};
use super::query::Parameters;
use super::{Caller, Media, accept, body, headers, json, matched_operation};
use crate::middleware::RequestContext;
use crate::middleware::idempotency::IdempotentRequest;
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
    bytes: Bytes,
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
        let bytes =
            if has_body { body::read(&parts.headers, incoming).await? } else { Bytes::new() };
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

    /// The idempotency key with what identifies the request. Read the body first.
    pub fn idempotent_request(&mut self, caller: &Caller) -> IdempotentRequest {
        let key = match self.operation.declared.idempotency {
            Idempotency::Key => headers::idempotency_key(&self.headers).unwrap_or_else(|detail| {
                self.malformed(Fault::header("idempotency-key", detail));
                None
            }),
            Idempotency::Ignored | Idempotency::Refused => None,
        };
        // The query selects the page: another page is another request.
        let body = json::canonical(&self.body) + &self.parameters.canonical();
        IdempotentRequest::new(key, &caller.actor, &self.method, self.context.clone(), &body)
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
