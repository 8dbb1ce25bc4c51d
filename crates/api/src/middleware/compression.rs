//! gzip and zstd, by tower-http's `CompressionLayer`. Here: which responses it may compress, and how many at once.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};

use super::RequestContext;
use crate::operation::Operation;

/// In bytes. A smaller response fits into one packet uncompressed.
pub const SIZE_MIN: u64 = 1024;
/// Concurrent compressed responses. Each holds the state of its encoder (up to 5 MiB) until the client has read it.
/// Further responses are sent uncompressed.
const COMPRESSED_AT_ONCE: usize = 16;
/// For both codings: the lowest with which a page of 50 findings is less than 15 kB. Higher levels cost more time than
/// they save bytes.
pub const LEVEL: CompressionLevel = CompressionLevel::Precise(6);

/// Marks a response that must not be compressed, or for which no encoder is free.
#[derive(Debug, Clone, Copy)]
pub struct Uncompressed;

/// Removes unsupported codings from `Accept-Encoding`. If the header excluded identity as well, the layer would
/// replace the response of a finished request with 406.
pub fn keep_supported_codings(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let lines: Vec<_> = headers.get_all(ACCEPT_ENCODING).iter().collect();
    let elements = lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(','));
    let supported: Vec<&str> = elements
        .map(str::trim)
        .filter(|element| {
            let coding = element.split(';').next().unwrap_or_default().trim_end();
            ["gzip", "zstd"].iter().any(|each| coding.eq_ignore_ascii_case(each))
        })
        .collect();
    match HeaderValue::try_from(supported.join(", ")) {
        Ok(value) if !supported.is_empty() => {
            headers.insert(ACCEPT_ENCODING, value);
        }
        _ => {
            headers.remove(ACCEPT_ENCODING);
        }
    }
    request
}

/// The encoders of one process.
pub fn encoders() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(COMPRESSED_AT_ONCE))
}

/// Inside the compression layer: decides which responses it may compress. The compressed length of a response that
/// contains a secret would reveal it to a caller who chooses other parts of the response (BREACH).
/// A request holds its encoder until it and its response are dropped.
pub async fn limit_encoders(
    State(encoders): State<Arc<Semaphore>>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let is_requested = request.headers().contains_key(ACCEPT_ENCODING);
    let has_secret = context.operation().is_some_and(Operation::returns_secret);
    let mut response = next.run(request).await;
    let is_encoded = response.headers().contains_key(CONTENT_ENCODING);
    if is_requested && !is_encoded && is_compressible().should_compress(&response) {
        match (has_secret, encoders.try_acquire_owned()) {
            (false, Ok(permit)) => context.hold_encoder_permit(permit),
            _ => {
                response.extensions_mut().insert(Uncompressed);
            }
        }
    }
    response
}

/// Excludes small responses, images, event streams (both tower-http's defaults) and `Uncompressed`.
pub fn is_compressible() -> impl Predicate {
    fn is_unmarked(_: StatusCode, _: Version, _: &HeaderMap, marks: &Extensions) -> bool {
        marks.get::<Uncompressed>().is_none()
    }
    type Function = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;
    DefaultPredicate::new().and(SizeAbove::new(SIZE_MIN)).and(is_unmarked as Function)
}

#[cfg(test)]
mod tests;
