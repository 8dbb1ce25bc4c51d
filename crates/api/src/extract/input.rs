//! One request's query, headers and body, read piece by piece; [`Input::finish`] tells every fault
//! that was met. Whatever cannot be read at all makes it 400, else it is 422.

mod paging;
mod words;

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use domain::{Fault, Faults};
use engine::ExpectedVersion;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::encoding::form_decode;
use super::etag::{self, Tags};
use super::query::Parameters;
use super::{Caller, Media, body, headers, json};
use crate::middleware::RequestContext;
use crate::middleware::idempotency::IdempotentRequest;
use crate::problem::ApiError;

/// More items than a person filters by.
const ITEMS_MAX: usize = 100;
/// More members than any form has.
const FORM_MEMBERS_MAX: usize = 100;

/// What is left to read of a request once its path and its caller are known.
pub struct RequestInput {
    context: RequestContext,
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

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, incoming) = request.into_parts();
        let context = parts.extensions.get::<RequestContext>().cloned();
        let context =
            context.ok_or_else(|| ApiError::internal("a route stands outside the frame"))?;
        let has_body = matches!(parts.method, Method::POST | Method::PATCH | Method::PUT);
        let bytes =
            if has_body { body::read(&parts.headers, incoming).await? } else { Bytes::new() };
        let mut input = Self {
            context,
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

    fn malformed(&mut self, fault: Fault) {
        self.is_malformed = true;
        self.faults.push(fault);
    }

    /// Reads the body. Where `is_optional`, an empty one and `null` are `{}`.
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

    /// Reads a form; an empty body is one without members.
    pub fn form<T>(
        &mut self,
        read: impl FnOnce(&[(String, String)]) -> Result<T, Faults>,
    ) -> Result<Option<T>, ApiError> {
        if !self.bytes.is_empty() {
            body::check_media_type(&self.headers, Media::Form)?;
        }
        // The parser would put replacement characters where bytes are no text.
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

    /// An answer with a secret is not kept, so it cannot be repeated.
    pub fn refuse_idempotency_key(&mut self) {
        if self.has_header("idempotency-key") {
            let detail = "must not be sent: the answer has a secret, which is not kept";
            self.faults.push(Fault::header("idempotency-key", detail));
        }
    }

    /// What makes a repeated request the same request. To be asked for after the body was read.
    pub fn idempotent_request(&mut self, caller: &Caller) -> IdempotentRequest {
        let key = headers::idempotency_key(&self.headers).unwrap_or_else(|detail| {
            self.malformed(Fault::header("idempotency-key", detail));
            None
        });
        // The query says which page: another one is another request.
        let body = json::canonical(&self.body) + &self.parameters.canonical();
        IdempotentRequest::new(key, caller, &self.method, self.context.clone(), &body)
    }

    /// Whether the header is there, readable or not.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// `If-Match`; none when it is absent or faulty.
    pub fn if_match(&mut self) -> Option<ExpectedVersion> {
        self.tags("if-match").map(Tags::into_expected)
    }

    /// `If-None-Match`; none when it is absent or faulty.
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

    /// How long the client is willing to wait.
    pub fn wait(&mut self) -> Option<Duration> {
        headers::prefer_wait(&self.headers).unwrap_or_else(|detail| {
            self.malformed(Fault::header("prefer", detail));
            None
        })
    }

    /// After which event a stream goes on; 0 is the beginning.
    pub fn last_event_id(&mut self) -> i64 {
        headers::last_event_id(&self.headers).unwrap_or_else(|detail| {
            self.malformed(Fault::header("last-event-id", detail));
            0
        })
    }

    /// A filter: any of a list separated by commas, in one occurrence of the parameter or several.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<Vec<T>> {
        let items: Vec<&str> = self.parameters.items(name)?.take(ITEMS_MAX + 1).collect();
        let read: Option<Vec<T>> = items.iter().map(|item| read(item)).collect();
        let detail = match read {
            Some(values) if items.len() <= ITEMS_MAX => return Some(values),
            Some(_) => format!("must have at most {ITEMS_MAX} items"),
            None => format!("must be {expected}, or a list of them separated by commas"),
        };
        self.faults.push(Fault::parameter(name, detail));
        None
    }

    /// A parameter that is one thing.
    pub fn single<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<T> {
        let read = read(self.parameters.get(name)?);
        if read.is_none() {
            self.faults.push(Fault::parameter(name, format!("must be {expected}")));
        }
        read
    }

    /// A parameter of free text; empty is absent.
    pub fn text(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let text = self.parameters.get(name).filter(|text| !text.is_empty())?;
        if text.chars().count() <= chars_max && !text.chars().any(char::is_control) {
            return Some(text.to_owned());
        }
        let detail = format!("must be at most {chars_max} characters without control characters");
        self.faults.push(Fault::parameter(name, detail));
        None
    }

    /// A parameter that is `true` or `false`, which it is when absent.
    pub fn flag(&mut self, name: &'static str) -> bool {
        self.choice(name, &[("false", false), ("true", true)]).unwrap_or_default()
    }

    /// A parameter that is one of a few words.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.parameters.get(name)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let detail = format!("must be one of {}", words.join(", "));
            self.faults.push(Fault::parameter(name, detail));
        }
        found
    }
}
