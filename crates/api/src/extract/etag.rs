//! Entity tags (RFC 9110 section 8.8.3): of a versioned resource strong, the version in quotes; of a response that
//! changes seldom weak, a hash of its bytes.

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, to_bytes};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::ExpectedVersion;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::problem::ApiError;

/// Bytes of the hash in a weak tag.
const HASH_LENGTH: usize = 16;

/// `"3"`.
pub fn entity_tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\""))
        .expect("a number in quotes is a valid header value")
}

/// A list of entity tags.
#[derive(Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`.
    Any,
    /// (is weak, the text between the quotes).
    List(Vec<(bool, String)>),
}

/// Parses `If-Match` or `If-None-Match`. None when absent. Repeated headers form one list.
pub fn parse(headers: &HeaderMap, name: &str) -> Option<Result<Tags, ()>> {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    if values.is_empty() {
        return None;
    }
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else { return Some(Err(())) };
        texts.push(text);
    }
    Some(parse_list(&texts.join(",")).ok_or(()))
}

fn parse_list(text: &str) -> Option<Tags> {
    if text.trim() == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        if tag.chars().any(|c| c.is_control() || c == ' ') {
            return None;
        }
        tags.push((is_weak, tag.to_owned()));
        let after = after.trim_start_matches([' ', '\t']);
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(Tags::List(tags))
}

impl Tags {
    /// Strong comparison: weak tags and invalid versions match nothing.
    pub fn into_expected(self) -> ExpectedVersion {
        match self {
            Self::Any => ExpectedVersion::Any,
            Self::List(tags) => ExpectedVersion::OneOf(
                tags.into_iter()
                    .filter_map(|(weak, tag)| version(&tag).filter(|_| !weak))
                    .collect(),
            ),
        }
    }
}

/// Whether `If-None-Match` names this text between the quotes (weak comparison), so that the response is 304.
pub fn matches_none(tags: Option<&Tags>, present: &str) -> bool {
    match tags {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|(_, tag)| tag == present),
    }
}

/// The caches that may store a response. They ask before each use whether it is still current.
#[derive(Debug, Clone, Copy)]
pub enum Caches {
    /// Those of the client alone.
    Private,
    Shared,
}

/// Adds a tag of the body to a response of 200. 304 without a body if `If-None-Match` names the tag.
pub async fn revalidate(
    tags: Option<&Tags>,
    caches: Caches,
    response: Response,
) -> Result<Response, ApiError> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await;
    let bytes = bytes.map_err(|error| ApiError::internal(error.to_string()))?;
    let hash = digest(&SHA256, &bytes);
    let tag = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..HASH_LENGTH]);
    let cache_control = match caches {
        Caches::Private => "private, no-cache",
        Caches::Shared => "public, no-cache",
    };
    let weak = HeaderValue::from_str(&format!("W/\"{tag}\""));
    parts.headers.insert(ETAG, weak.expect("base64 in quotes is a valid header value"));
    parts.headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    // The compression layer adds it only to responses with a body.
    parts.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if matches_none(tags, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        return Ok(Response::from_parts(parts, Body::empty()));
    }
    Ok(Response::from_parts(parts, bytes.into()))
}

/// Canonical numbers only: `+1` and `01` are not version 1.
fn version(tag: &str) -> Option<i64> {
    tag.parse::<i64>().ok().filter(|version| version.to_string() == tag)
}
