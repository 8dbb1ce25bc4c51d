//! Sends a request and reads its response, up to a maximum size.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{RequestBuilder, Response, StatusCode, Version};

use crate::transport::error::{BodyFault, TransportError};
use crate::transport::timing::timed;

/// A response. Reading its body may have failed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Result<Vec<u8>, BodyFault>,
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

/// `timeout` covers sending and reading.
pub(crate) async fn exchange(request: RequestBuilder, cap: usize, timeout: Duration) -> Exchange {
    let started = Instant::now();
    let (result, connecting) = timed(request.timeout(timeout).send()).await;
    let result = match result {
        Ok(response) => Ok(read(response, cap).await),
        Err(error) => Err(TransportError::from_reqwest(&error)),
    };
    let requests = u32::from(result.as_ref().map_or_else(|fault| fault.was_sent(), |_| true));
    Exchange { result, requests, took: started.elapsed(), connecting }
}

/// The same for a request without side effects. The tenant may have closed a pooled connection meanwhile, as some do
/// after a refusal: then the request is sent once more, at once.
pub(crate) async fn exchange_idempotent(
    request: RequestBuilder,
    cap: usize,
    timeout: Duration,
) -> Exchange {
    let again = request.try_clone();
    let first = exchange(request, cap, timeout).await;
    let was_kept = first.connecting.is_none();
    let Some(again) =
        again.filter(|_| was_kept && first.result.as_ref().err() == Some(&TransportError::Closed))
    else {
        return first;
    };
    let second = exchange(again, cap, timeout.saturating_sub(first.took)).await;
    Exchange {
        requests: first.requests + second.requests,
        took: first.took + second.took,
        ..second
    }
}

async fn read(response: Response, cap: usize) -> Answer {
    let status = response.status();
    let headers = response.headers().clone();
    let has_end = headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
        || response.version() > Version::HTTP_11;
    let body = read_body(response, cap).await;
    Answer { status, headers, body, ends_with_connection: !has_end }
}

async fn read_body(mut response: Response, cap: usize) -> Result<Vec<u8>, BodyFault> {
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(cap).unwrap_or(u64::MAX) {
        return Err(BodyFault::TooLong);
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if body.len() + piece.len() > cap => return Err(BodyFault::TooLong),
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err(BodyFault::TimedOut),
            Err(_) => return Err(BodyFault::Cut),
        }
    }
}
