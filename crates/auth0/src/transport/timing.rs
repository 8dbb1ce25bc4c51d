//! Measures DNS, TCP and TLS of new connections, in a layer around reqwest's connector. Nothing is measured for a
//! reused connection.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tower::{Layer, Service};

tokio::task_local! {
    /// The time of the connection made for the request of this task.
    static NOTED: Arc<OnceLock<Duration>>;
}

/// Runs a request. Returns its result, and the time of its new connection, failed or not.
pub(crate) async fn timed<T>(request: impl Future<Output = T>) -> (T, Option<Duration>) {
    let noted = Arc::new(OnceLock::new());
    let result = NOTED.scope(Arc::clone(&noted), request).await;
    (result, noted.get().copied())
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TimedConnections;

impl<S> Layer<S> for TimedConnections {
    type Service = TimedConnector<S>;
    fn layer(&self, inner: S) -> Self::Service {
        TimedConnector { inner }
    }
}

/// A connector that records its time.
#[derive(Debug, Clone)]
pub(crate) struct TimedConnector<S> {
    inner: S,
}

impl<S, R> Service<R> for TimedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let noted = NOTED.try_with(Arc::clone).ok();
        let started = Instant::now();
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let result = connecting.await;
            if let Some(noted) = noted {
                // Only the first connection of a request counts.
                let _ = noted.set(started.elapsed());
            }
            result
        })
    }
}
