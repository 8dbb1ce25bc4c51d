//! The rate limiter of one tenant: learns the tenant's limits from every response, and issues permits so that calls
//! avoid 429s.

mod backoff;
mod headers;
mod token_bucket;

pub(crate) use backoff::{full_jitter, rate_limit_backoff};
pub(crate) use headers::RateLimitHeaders;
pub(crate) use token_bucket::Sizes;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::Clock;
use domain::tenant::RateLimitSnapshot;
use futures_util::future::{Either, select};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::lock;
use crate::sleep::{Jitter, Sleeper};
use crate::time::time_until;
use token_bucket::{Decision, State};

/// Issues the permits for calls to one tenant.
pub(crate) struct TenantRateLimiter {
    state: Mutex<State>,
    /// First come, first served. The first in the queue waits for the tenant on behalf of the others.
    queue: tokio::sync::Mutex<()>,
    changed: Notify,
    clock: Arc<dyn Clock>,
    sleeper: Arc<dyn Sleeper>,
    jitter: Arc<dyn Jitter>,
}

/// Why there is no permit before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcquireError {
    /// The tenant's limits allow no earlier call. The next allowed time, if known.
    Limited(Option<Timestamp>),
    /// The deadline passed while other calls were running.
    TooLate,
}

impl TenantRateLimiter {
    pub fn new(
        sizes: Sizes,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
        jitter: Arc<dyn Jitter>,
    ) -> Self {
        Self {
            state: Mutex::new(State::new(sizes)),
            queue: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            clock,
            sleeper,
            jitter,
        }
    }

    /// The state to save for other processes.
    pub fn pace(&self) -> RateLimitSnapshot {
        lock(&self.state).pace(self.clock.now())
    }

    /// Restores a saved state.
    pub fn remember(&self, pace: RateLimitSnapshot) {
        lock(&self.state).remember(pace);
    }

    /// Waits for a permit, not past the deadline.
    pub async fn acquire(
        self: &Arc<Self>,
        deadline: Timestamp,
    ) -> Result<CallPermit, AcquireError> {
        self.check_deadline(deadline)?;
        let _turnstile = self.wait_until_deadline(deadline, self.queue.lock()).await?;
        loop {
            let now = self.clock.now();
            if now >= deadline {
                return Err(self.too_late(now));
            }
            let start = lock(&self.state).start(now);
            match start {
                Decision::Now(round) => {
                    return Ok(CallPermit {
                        rate_limiter: Arc::clone(self),
                        round,
                        is_over: false,
                    });
                }
                Decision::At(then) if then >= deadline => {
                    return Err(AcquireError::Limited(Some(then)));
                }
                Decision::At(then) => self.wait(time_until(now, then)).await,
                Decision::AfterAnAnswer => {
                    self.wait_until_deadline(deadline, self.changed.notified()).await?;
                }
            }
        }
    }

    /// A caller whose deadline is too early does not queue behind one that can wait longer.
    fn check_deadline(&self, deadline: Timestamp) -> Result<(), AcquireError> {
        match lock(&self.state).closed_at(self.clock.now()) {
            Some(then) if then >= deadline => Err(AcquireError::Limited(Some(then))),
            _ => Ok(()),
        }
    }

    /// Limits a wait for other calls, which take real time even if the clock is manual.
    async fn wait_until_deadline<T>(
        &self,
        deadline: Timestamp,
        wait: impl Future<Output = T>,
    ) -> Result<T, AcquireError> {
        let left = time_until(self.clock.now(), deadline);
        tokio::time::timeout(left, wait).await.map_err(|_| self.too_late(self.clock.now()))
    }

    fn too_late(&self, now: Timestamp) -> AcquireError {
        let state = lock(&self.state);
        match state.closed_at(now) {
            None if !state.is_tenant_bound() => AcquireError::TooLate,
            then => AcquireError::Limited(then),
        }
    }

    /// The response of a running call can shorten or lengthen the wait. Such a call takes real time, so the wait does
    /// too, and a manual clock does not run ahead of it.
    async fn wait(&self, wait: Duration) {
        let changed = std::pin::pin!(self.changed.notified());
        if lock(&self.state).has_running_calls() {
            let _ = tokio::time::timeout(wait, changed).await;
            return;
        }
        match select(self.sleeper.sleep(wait), changed).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }
}

/// Permission for one call. A permit that is dropped without a result counts as a failed call.
pub(crate) struct CallPermit {
    rate_limiter: Arc<TenantRateLimiter>,
    round: u64,
    is_over: bool,
}

impl CallPermit {
    /// Records a response other than a 429.
    pub fn record_response(mut self, headers: &RateLimitHeaders, is_server_error: bool) {
        let now = self.rate_limiter.clock.now();
        self.end(|state, round| state.record_response(round, headers, is_server_error, now));
    }

    /// Records a 429: no calls until the stated time or the end of a backoff.
    pub fn limited(mut self, headers: &RateLimitHeaders) {
        let now = self.rate_limiter.clock.now();
        let jitter = Arc::clone(&self.rate_limiter.jitter);
        self.end(|state, round| state.limited(round, headers, now, jitter.as_ref()));
    }

    /// Returns the permit unused.
    pub fn release_unused(mut self) {
        self.end(State::returned);
    }

    fn end(&mut self, learn: impl FnOnce(&mut State, u64)) {
        self.is_over = true;
        learn(&mut lock(&self.rate_limiter.state), self.round);
        self.rate_limiter.changed.notify_one();
    }
}

impl Drop for CallPermit {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(State::failed);
        }
    }
}

#[cfg(test)]
mod tests;
