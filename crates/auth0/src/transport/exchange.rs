//! Sends one request and reads its whole answer, piece by piece under a cap.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{RequestBuilder, Response, StatusCode, Version};

use crate::transport::error::TransportError;
use crate::transport::timing::timed;

/// An answer, whose body may have failed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Result<Vec<u8>, BodyFault>,
    /// True when only the end of the connection says where the body ends, so that a cut cannot be
    /// told from the end.
    pub ends_with_connection: bool,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLong,
    Cut,
    TimedOut,
}

/// One exchange and its times.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub result: Result<Answer, TransportError>,
    /// Requests that the tenant may have seen.
    pub requests: u32,
    pub took: Duration,
    /// DNS, TCP and TLS, when a new connection was made.
    pub connecting: Option<Duration>,
}

/// Sends and reads; everything together takes no longer than `timeout`.
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

/// The same for a request that changes nothing. A connection that was kept may have been closed by the tenant
/// meanwhile, as some do after a refusal: then the request is sent once more, at once.
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
