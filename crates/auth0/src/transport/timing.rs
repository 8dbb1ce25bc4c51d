//! Measures DNS, TCP and TLS of a connection that a request had to make, in a layer round reqwest's
//! connector. A request that reuses a connection measures nothing.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tower::{Layer, Service};

tokio::task_local! {
    /// Where the connection made for the request of this task notes its time.
    static NOTED: Arc<OnceLock<Duration>>;
}

/// Runs a request; with its result, how long its new connection took, failed or not.
pub(crate) async fn timed<T>(request: impl Future<Output = T>) -> (T, Option<Duration>) {
    let noted = Arc::new(OnceLock::new());
    let result = NOTED.scope(Arc::clone(&noted), request).await;
    (result, noted.get().copied())
}

/// The layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimedConnections;

impl<S> Layer<S> for TimedConnections {
    type Service = TimedConnector<S>;
    fn layer(&self, inner: S) -> Self::Service {
        TimedConnector { inner }
    }
}

/// A connector that notes its time.
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
