//! gzip and zstd, by tower-http's `CompressionLayer`. Here: which answers it may compress, and how many at once.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::ACCEPT_ENCODING;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};

use super::RequestContext;

/// Smaller answers fit into one packet as they are, in bytes.
const SIZE_MIN: u64 = 1024;
/// Answers that are compressed at once. Each holds the state of its encoder (up to 4 MiB) until its client has read
/// it; further answers are sent as they are.
const COMPRESSED_AT_ONCE: usize = 32;
/// Of both codings. Higher levels cost more time than they save bytes.
pub const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// Marks an answer that contains a secret. Its compressed length would tell of the secret to whoever chooses other
/// parts of the answer (BREACH), so it is sent as it is.
#[derive(Debug, Clone, Copy)]
pub struct ContainsSecret;

/// Marks an answer for which no encoder is free.
#[derive(Debug, Clone, Copy)]
struct NoEncoder;

/// Leaves of `Accept-Encoding` what the layer supports: where identity is excluded and nothing else is acceptable it
/// would put 406 over an answer whose work is done.
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

/// Runs inside the layer: an encoder is held until nothing of its request is left.
pub async fn limit_encoders(
    State(encoders): State<Arc<Semaphore>>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let is_wanted = request.headers().contains_key(ACCEPT_ENCODING);
    let mut response = next.run(request).await;
    if is_wanted && is_compressible().should_compress(&response) {
        match encoders.try_acquire_owned() {
            Ok(permit) => context.hold_encoder_permit(permit),
            Err(_) => {
                response.extensions_mut().insert(NoEncoder);
            }
        }
    }
    response
}

/// Not: small answers, images, event streams (both tower-http's defaults) and what is marked.
pub fn is_compressible() -> impl Predicate {
    fn is_unmarked(_: StatusCode, _: Version, _: &HeaderMap, marks: &Extensions) -> bool {
        marks.get::<ContainsSecret>().is_none() && marks.get::<NoEncoder>().is_none()
    }
    type Function = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;
    DefaultPredicate::new().and(SizeAbove::new(SIZE_MIN)).and(is_unmarked as Function)
}

#[cfg(test)]
mod tests;
