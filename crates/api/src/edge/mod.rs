//! The outermost frame of every request: its id, its span, its caps, its log line, and the promise
//! that whatever answers 400 or more is a problem document. Not here: anything about a resource.

mod context;
mod frame;
mod observe;
mod pressure;
mod traceparent;

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, IdSource};
use tokio::sync::Semaphore;

pub use context::Context;
pub use frame::{frame, panic_text};
pub use observe::{DURATION_BUCKETS_S, DURATION_SECONDS, describe_metrics};

use crate::auth::{TokenSource, Verifier};
use crate::export::EXPORTS_AT_ONCE;

/// Caps on what one process does at once, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests at once; more are answered 503. Probes and metrics are not counted.
    pub concurrent_requests: usize,
    /// A request is answered by then, 503 if need be. A waiting `start_sync` has its wait on top.
    pub request_time: Duration,
    /// Requests that wait for a sync at once; more get their 202 at once.
    pub waiting_requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_requests: 512,
            request_time: Duration::from_mins(1),
            waiting_requests: 128,
        }
    }
}

/// What the frame and the extractors need; only `tokens` touches the database.
#[derive(Clone)]
pub struct Edge {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Who may call.
    pub verifier: Verifier,
    /// And with which tokens of our own.
    pub tokens: TokenSource,
    /// A request is answered by then.
    request_time: Duration,
    requests: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Edge {
    /// Puts the parts together.
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        verifier: Verifier,
        tokens: TokenSource,
        limits: &Limits,
    ) -> Self {
        Self {
            clock,
            ids,
            verifier,
            tokens,
            request_time: limits.request_time,
            requests: Arc::new(Semaphore::new(limits.concurrent_requests)),
            waits: Arc::new(Semaphore::new(limits.waiting_requests)),
            exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)),
        }
    }

    /// A place among the requests that wait for a sync; none when all are taken.
    pub fn place_to_wait(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.waits).try_acquire_owned().ok()
    }

    /// A place among the exports that are made; none when all are taken.
    pub fn place_to_export(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.exports).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests;
