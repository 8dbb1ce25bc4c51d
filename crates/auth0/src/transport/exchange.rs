//! Sends a request and reads its response, up to a maximum size.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{RequestBuilder, Response, StatusCode, Version};

use crate::byte_budget::{ByteBudget, HeldBytes, OverBudget};
use crate::decoded_size::DecodedSize;
use crate::transport::error::{BodyFault, TransportError};
use crate::transport::timing::timed;

/// A response. Reading its body may have failed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Result<Vec<u8>, BodyFault>,
    /// What the body takes of the budget.
    pub held: HeldBytes,
    /// True if only the end of the connection marks the end of the body, so that a cut goes unnoticed.
    pub ends_with_connection: bool,
}

/// A request with its response and times.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub result: Result<Answer, TransportError>,
    /// Requests that the tenant may have received.
    pub requests: u32,
    pub took: Duration,
    /// DNS, TCP and TLS of a new connection.
    pub connecting: Option<Duration>,
}

/// How much of a body is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit<'a> {
    /// Maximum size.
    pub cap: usize,
    /// In bytes, once it is decoded.
    pub decoded: usize,
    pub budget: &'a Arc<ByteBudget>,
}

/// `timeout` covers sending and reading.
pub(crate) async fn exchange(
    request: RequestBuilder,
    limit: BodyLimit<'_>,
    timeout: Duration,
) -> Exchange {
    let started = Instant::now();
    let (result, connecting) = timed(request.timeout(timeout).send()).await;
    let result = match result {
        Ok(response) => Ok(read(response, limit).await),
        Err(error) => Err(TransportError::from_reqwest(&error)),
    };
    let requests = u32::from(result.as_ref().map_or_else(|fault| fault.was_sent(), |_| true));
    Exchange { result, requests, took: started.elapsed(), connecting }
}

/// The same for a request without side effects. The tenant may have closed a pooled connection meanwhile, as some do
/// after a refusal: then the request is sent once more, at once.
pub(crate) async fn exchange_idempotent(
    request: RequestBuilder,
    limit: BodyLimit<'_>,
    timeout: Duration,
) -> Exchange {
    let again = request.try_clone();
    let first = exchange(request, limit, timeout).await;
    let was_kept = first.connecting.is_none();
    let Some(again) =
        again.filter(|_| was_kept && first.result.as_ref().err() == Some(&TransportError::Closed))
    else {
        return first;
    };
    let second = exchange(again, limit, timeout.saturating_sub(first.took)).await;
    Exchange {
        requests: first.requests + second.requests,
        took: first.took + second.took,
        ..second
    }
}

async fn read(response: Response, limit: BodyLimit<'_>) -> Answer {
    let status = response.status();
    let headers = response.headers().clone();
    let has_end = headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
        || response.version() > Version::HTTP_11;
    let mut held = limit.budget.hold();
    let body = read_body(response, &limit, &mut held).await;
    Answer { status, headers, body, held, ends_with_connection: !has_end }
}

/// Counts against the budget what the body takes once it is decoded, as soon as it arrives.
async fn read_body(
    mut response: Response,
    limit: &BodyLimit<'_>,
    held: &mut HeldBytes,
) -> Result<Vec<u8>, BodyFault> {
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > limit.cap {
        return Err(BodyFault::TooLong);
    }
    let mut body = Vec::with_capacity(announced);
    let mut decoded = DecodedSize::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if body.len() + piece.len() > limit.cap => {
                return Err(BodyFault::TooLong);
            }
            Ok(Some(piece)) => {
                held.grow(decoded.add(&piece)).map_err(|OverBudget| BodyFault::NoRoom)?;
                if decoded.bytes() > limit.decoded {
                    return Err(BodyFault::TooManyValues);
                }
                if body.capacity() - body.len() < piece.len() {
                    // Doubling would leave twice the memory behind.
                    body.reserve_exact(piece.len().max(body.len() / 4));
                }
                body.extend_from_slice(&piece);
            }
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err(BodyFault::TimedOut),
            Err(_) => return Err(BodyFault::Cut),
        }
    }
}
