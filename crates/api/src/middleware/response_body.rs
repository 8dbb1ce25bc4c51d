//! Drops response bodies that their clients do not read, with what they hold: database pages, permits, the producer of
//! an export. The watch is here and not at the socket, because an HTTP/2 client can read other streams and leave one
//! unread, and in a separate task, because HTTP/2 does not poll a body without room in its window. Time counts only
//! while the client reads, not while the response is produced.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::{Buf as _, Bytes};
use http_body::{Frame, SizeHint};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::limits::Connection;
use crate::middleware::RequestContext;

/// Largest chunk in bytes. A chunk is a copy, so that an unread chunk does not keep more of the response in memory.
const CHUNK: usize = 16 * 1024;
/// Chunks of up to this many bytes are not copied.
const SMALL: usize = 1024;

/// The error of an unread body.
#[derive(Debug, thiserror::Error)]
#[error("the response was dropped: the client stopped reading it")]
struct StalledBody;

/// Watches each response body.
pub async fn stall_timeout(
    State(time): State<Duration>,
    context: RequestContext,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let connection = context.connection().cloned();
    response.map(|body| watch(body, context, connection, time))
}

/// Wraps a body: it is dropped when a chunk is not read within `time`. It holds the request's context, and so the
/// permit.
fn watch(
    body: Body,
    context: RequestContext,
    connection: Option<Connection>,
    time: Duration,
) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let answer = Answer { body, rest: Bytes::new(), _context: context };
    let shared = Shared { answer: Some(answer), waiting_since: None };
    Body::new(StallTimeoutBody {
        shared: Arc::new(Mutex::new(shared)),
        connection,
        time,
        watchdog: None,
    })
}

struct StallTimeoutBody {
    shared: Arc<Mutex<Shared>>,
    connection: Option<Connection>,
    time: Duration,
    watchdog: Option<AbortHandle>,
}

struct Shared {
    /// None when it was dropped.
    answer: Option<Answer>,
    /// Since when a chunk has been unread.
    waiting_since: Option<Instant>,
}

struct Answer {
    body: Body,
    /// The unsent rest of the current chunk.
    rest: Bytes,
    _context: RequestContext,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HttpBody for StallTimeoutBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = lock(&self.shared).poll(cx, self.connection.as_ref());
        if matches!(polled, Poll::Ready(Some(Ok(_)))) && self.watchdog.is_none() {
            let (shared, connection) = (Arc::downgrade(&self.shared), self.connection.clone());
            let watchdog = tokio::spawn(abort_when_stalled(shared, connection, self.time));
            self.watchdog = Some(watchdog.abort_handle());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let shared = lock(&self.shared);
        let answer = shared.answer.as_ref();
        answer.is_some_and(|answer| answer.rest.is_empty() && answer.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let shared = lock(&self.shared);
        let Some(answer) = &shared.answer else { return SizeHint::default() };
        let (hint, rest) = (answer.body.size_hint(), answer.rest.len() as u64);
        let mut whole = SizeHint::new();
        whole.set_lower(hint.lower().saturating_add(rest));
        if let Some(upper) = hint.upper() {
            whole.set_upper(upper.saturating_add(rest));
        }
        whole
    }
}

impl Drop for StallTimeoutBody {
    fn drop(&mut self) {
        if let Some(watchdog) = &self.watchdog {
            watchdog.abort();
        }
    }
}

impl Shared {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        connection: Option<&Connection>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(answer) = &mut self.answer else {
            return Poll::Ready(Some(Err(StalledBody.into())));
        };
        if let (Some(_), Some(connection)) = (self.waiting_since.take(), connection) {
            connection.record_progress();
        }
        let polled = answer.poll(cx);
        if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            self.waiting_since = Some(Instant::now());
        }
        polled
    }
}

impl Answer {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.rest.is_empty() {
            let polled = Pin::new(&mut self.body).poll_frame(cx);
            let Poll::Ready(Some(Ok(frame))) = polled else {
                return polled.map_err(Into::into);
            };
            match frame.into_data() {
                Ok(data) if data.len() > SMALL => self.rest = data,
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        // The last byte is sent alone: HTTP/2 drops the body with its last chunk, which may then remain unread. HTTP/2
        // takes the last byte only after everything before it.
        let is_last = self.rest.len() > SMALL && self.body.is_end_stream();
        let length = self.rest.len() - usize::from(is_last);
        let chunk = Bytes::copy_from_slice(&self.rest[..CHUNK.min(length)]);
        self.rest.advance(chunk.len());
        if self.rest.is_empty() {
            self.rest = Bytes::new();
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

/// Ends with the body, or when it is dropped.
async fn abort_when_stalled(
    shared: Weak<Mutex<Shared>>,
    connection: Option<Connection>,
    time: Duration,
) {
    let mut look_at = Instant::now() + time;
    loop {
        tokio::time::sleep_until(look_at).await;
        let Some(shared) = shared.upgrade() else { return };
        let mut shared = lock(&shared);
        let now = Instant::now();
        match shared.waiting_since {
            Some(since) if now >= since + time => {
                let unread = shared.answer.take();
                drop(shared);
                drop(unread);
                tracing::debug!("dropped a response that its client does not read");
                if let Some(connection) = &connection {
                    connection.record_stall(since);
                }
                return;
            }
            Some(since) => look_at = since + time,
            None => look_at = now + time,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::BodyExt as _;

    use super::*;

    const TIME: Duration = Duration::from_secs(30);

    fn context() -> RequestContext {
        RequestContext::new(&http::Request::new(()))
    }

    fn watched(body: Body) -> Body {
        watch(body, context(), None, TIME)
    }

    /// A body that holds the value.
    fn keeping(value: Arc<()>, parts: usize) -> Body {
        let parts = stream::iter(0..parts).map(move |_| {
            assert!(Arc::strong_count(&value) > 0);
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"part"))
        });
        Body::from_stream(parts)
    }

    #[tokio::test]
    async fn a_body_passes_unchanged_in_bounded_chunks() {
        let text: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut body = watched(Body::from(text.clone()));
        assert_eq!(body.size_hint().exact(), Some(100_000));
        let mut read = Vec::new();
        while !body.is_end_stream() {
            let part = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(part.len() <= CHUNK);
            read.extend_from_slice(&part);
            assert_eq!(body.size_hint().exact(), Some((text.len() - read.len()) as u64));
        }
        assert!(body.frame().await.is_none());
        assert_eq!(read, text);
        assert!(watched(Body::empty()).is_end_stream());
    }

    #[tokio::test(start_paused = true)]
    async fn an_unread_response_is_dropped_with_its_permit() {
        let held = Arc::new(());
        let mut body = watched(keeping(Arc::clone(&held), 5));
        for _ in 0..3 {
            body.frame().await.unwrap().unwrap();
            tokio::time::sleep(TIME.mul_f32(0.9)).await;
        }
        assert_eq!(Arc::strong_count(&held), 2, "a slow reader is no stalled one");
        body.frame().await.unwrap().unwrap();
        tokio::time::sleep(TIME + Duration::from_secs(1)).await;
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(body.frame().await.unwrap().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_in_production_is_not_dropped() {
        let late = stream::once(async {
            tokio::time::sleep(TIME * 10).await;
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"at last"))
        });
        let first = stream::iter([Ok(Bytes::from_static(b"first"))]);
        let body = watched(Body::from_stream(first.chain(late)));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "firstat last");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_with_only_a_stalled_response_is_closed() {
        let all = crate::limits::Connections::new(crate::limits::ConnectionLimits {
            total: 1,
            per_address: 1,
            trusted_proxies: crate::TrustedProxies::default(),
        });
        let open = all.open([192, 0, 2, 1].into()).unwrap();
        let connection = open.connection().clone();
        let mut body = watch(Body::from("x"), context(), Some(connection.clone()), TIME);
        body.frame().await.unwrap().unwrap();
        let started = Instant::now();
        connection.closed().await;
        assert_eq!(started.elapsed().as_secs(), TIME.as_secs());
    }
}
