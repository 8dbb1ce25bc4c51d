//! The deadline of request bodies. The service stops waiting for clients that announce a body and send it too slowly.
//! The unread rest of a body is drained, so that the connection can be used again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Version, header};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, Sleep};

use crate::operation::BODY_LIMIT;

/// Time limit for draining the rest of a body that no handler reads.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// The minimum speed of a body.
#[derive(Debug, Clone, Copy)]
pub struct BodyAllowance {
    /// For the whole body, plus what its length allows.
    pub time: Duration,
    /// Bytes that allow one more second.
    pub bytes_per_second: u32,
}

impl BodyAllowance {
    fn time_allowed(&self, received: u64) -> Duration {
        let more = received.saturating_mul(1000) / u64::from(self.bytes_per_second.max(1));
        self.time + Duration::from_millis(more)
    }
}

/// The error of a body that is too slow.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
pub struct BodyTooSlow;

/// Enforces the allowance on request bodies, and closes the connection if the rest of a body cannot be drained.
pub async fn body_deadline(
    State(allowance): State<BodyAllowance>,
    mut request: Request,
    next: Next,
) -> Response {
    let unread = UnreadBody::watch(&mut request, allowance);
    let mut response = next.run(request).await;
    if !unread.leaves_connection_usable().await {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The unread rest of a request body when the response is ready.
struct UnreadBody {
    body: RequestBody,
    /// Whether the rest may be short enough to read.
    may_drain: bool,
    is_http1: bool,
}

impl UnreadBody {
    /// Replaces the request's body with a shared one that remains after the request.
    fn watch(request: &mut Request, allowance: BodyAllowance) -> Self {
        let body = RequestBody::new(std::mem::take(request.body_mut()), allowance);
        let headers = request.headers();
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let declared: Option<u64> = declared.and_then(|text| text.parse().ok());
        // Reading would ask a client that waits for `100 Continue` to send its body.
        let may_drain = declared.is_none_or(|length| length <= BODY_LIMIT as u64)
            && !headers.contains_key(header::EXPECT);
        let is_http1 = request.version() < Version::HTTP_2;
        *request.body_mut() = Body::new(body.clone());
        Self { body, may_drain, is_http1 }
    }

    /// Whether the connection can serve another request: the body was read or could be drained. On HTTP/2 each request
    /// has its own stream.
    async fn leaves_connection_usable(self) -> bool {
        if !self.is_http1 || self.body.is_read() {
            return true;
        }
        (self.may_drain || self.body.is_begun()) && self.body.drain(BODY_LIMIT, DRAIN_TIME).await
    }
}

/// A request body. Clones share it, so that the part that the handler did not read can be drained.
#[derive(Clone)]
pub struct RequestBody(Arc<Mutex<Inner>>);

struct Inner {
    body: Body,
    allowance: BodyAllowance,
    received: u64,
    /// When reading began.
    reading: Option<Reading>,
    has_failed: bool,
}

struct Reading {
    started: Instant,
    deadline: Pin<Box<Sleep>>,
}

impl RequestBody {
    /// The time limit starts with the first read.
    pub fn new(body: Body, allowance: BodyAllowance) -> Self {
        let (received, reading, has_failed) = (0, None, false);
        Self(Arc::new(Mutex::new(Inner { body, allowance, received, reading, has_failed })))
    }

    /// Whether the body has been read to its end.
    pub fn is_read(&self) -> bool {
        let inner = self.lock();
        !inner.has_failed && inner.body.is_end_stream()
    }

    /// Whether reading has begun.
    pub fn is_begun(&self) -> bool {
        self.lock().reading.is_some()
    }

    /// Reads and drops the rest. False if it exceeds `bytes_max`, is too slow or breaks off.
    pub async fn drain(self, bytes_max: usize, time: Duration) -> bool {
        if self.lock().has_failed {
            return false;
        }
        let mut body = self;
        let drained = async move {
            let mut left = bytes_max;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                let length = frame.data_ref().map_or(0, Bytes::len);
                let Some(rest) = left.checked_sub(length) else { return false };
                left = rest;
            }
            true
        };
        tokio::time::timeout(time, drained).await.unwrap_or(false)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.lock().poll(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}

impl Inner {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let reading = self.reading.get_or_insert_with(|| {
            let started = Instant::now();
            let deadline = started + self.allowance.time_allowed(0);
            Reading { started, deadline: Box::pin(tokio::time::sleep_until(deadline)) }
        });
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.received = self.received.saturating_add(length as u64);
                let deadline = reading.started + self.allowance.time_allowed(self.received);
                reading.deadline.as_mut().reset(deadline);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.has_failed = true;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => match reading.deadline.as_mut().poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => {
                    self.has_failed = true;
                    Poll::Ready(Some(Err(BodyTooSlow.into())))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::StreamExt as _;
    use futures_util::stream;

    use super::*;

    const ALLOWANCE: BodyAllowance =
        BodyAllowance { time: Duration::from_secs(10), bytes_per_second: 1024 };

    /// So many bytes each second, so often.
    fn dripping(bytes: usize, times: usize) -> RequestBody {
        let pieces = stream::iter(0..times).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Infallible>(Bytes::from(vec![0; bytes]))
        });
        RequestBody::new(Body::from_stream(pieces), ALLOWANCE)
    }

    fn silent() -> RequestBody {
        let nothing = stream::pending::<Result<Bytes, Infallible>>();
        RequestBody::new(Body::from_stream(nothing), ALLOWANCE)
    }

    #[tokio::test(start_paused = true)]
    async fn a_steady_body_is_accepted_and_a_dripping_one_times_out() {
        let whole = dripping(1024, 40).collect().await.unwrap().to_bytes();
        assert_eq!(whole.len(), 40 * 1024);
        for slow in [silent(), dripping(1, 40), dripping(512, 40)] {
            let started = Instant::now();
            let error = slow.clone().collect().await.unwrap_err();
            assert!(error.is::<BodyTooSlow>(), "{error}");
            assert!((10..=20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
            assert!(
                !slow.drain(usize::MAX, Duration::from_mins(1)).await,
                "the service stops waiting"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unread_body_is_drained_within_limits() {
        let time = Duration::from_secs(5);
        assert!(dripping(10, 3).drain(30, time).await);
        assert!(!dripping(10, 3).drain(29, time).await, "too much");
        assert!(!dripping(10, 9).drain(90, time).await, "too slow");
        let mut begun = dripping(10, 3);
        begun.frame().await.unwrap().unwrap();
        assert!(begun.is_begun() && !begun.is_read());
        assert!(begun.clone().drain(20, time).await);
        let empty = RequestBody::new(Body::empty(), ALLOWANCE);
        assert!(empty.is_read() && !empty.is_begun());
    }
}
