//! Whose turn it is to call a tenant. One pacer for each tenant in the process: it learns the tenant's
//! limits from every answer and hands out turns so that nobody runs into a 429.

mod backoff;
mod headers;
mod state;

pub(crate) use backoff::{full_jitter, rate_limit_backoff};
pub(crate) use headers::RateLimitHeaders;
pub(crate) use state::Sizes;

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
use state::{Decision, State};

/// Hands out turns at one tenant.
pub(crate) struct TenantRateLimiter {
    state: Mutex<State>,
    /// Fair: turns are handed out in the order in which they were asked for, and one task at a time
    /// does the waiting for all behind it.
    turnstile: tokio::sync::Mutex<()>,
    changed: Notify,
    clock: Arc<dyn Clock>,
    pause: Arc<dyn Sleeper>,
    chance: Arc<dyn Jitter>,
}

/// Why there is no turn before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcquireError {
    /// The tenant's limits allow no call before; when they do, if that is known.
    Limited(Option<Timestamp>),
    /// The deadline came while others were being answered.
    TooLate,
}

impl TenantRateLimiter {
    pub fn new(
        sizes: Sizes,
        clock: Arc<dyn Clock>,
        pause: Arc<dyn Sleeper>,
        chance: Arc<dyn Jitter>,
    ) -> Self {
        Self {
            state: Mutex::new(State::new(sizes)),
            turnstile: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            clock,
            pause,
            chance,
        }
    }

    /// What is worth remembering beyond this process.
    pub fn pace(&self) -> RateLimitSnapshot {
        lock(&self.state).pace(self.clock.now())
    }

    /// Takes over what was learned elsewhere.
    pub fn remember(&self, pace: RateLimitSnapshot) {
        lock(&self.state).remember(pace);
    }

    /// Waits for a turn, never past the deadline.
    pub async fn acquire(
        self: &Arc<Self>,
        deadline: Timestamp,
    ) -> Result<CallPermit, AcquireError> {
        self.check_deadline(deadline)?;
        let _turnstile = self.wait_until_deadline(deadline, self.turnstile.lock()).await?;
        loop {
            let now = self.clock.now();
            if now >= deadline {
                return Err(self.too_late(now));
            }
            let start = lock(&self.state).start(now);
            match start {
                Decision::Now(round) => {
                    return Ok(CallPermit { pacer: Arc::clone(self), round, is_over: false });
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

    /// A caller whose deadline is too near does not queue behind one that can wait longer.
    fn check_deadline(&self, deadline: Timestamp) -> Result<(), AcquireError> {
        match lock(&self.state).closed_at(self.clock.now()) {
            Some(then) if then >= deadline => Err(AcquireError::Limited(Some(then))),
            _ => Ok(()),
        }
    }

    /// Bounds a wait for other calls, which take real time whatever our clock does.
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

    /// An answer of a call under way can end the wait early, or lengthen it. Such a call takes real
    /// time, so while there is one, so does the wait: a manual clock must not run ahead of it.
    async fn wait(&self, wait: Duration) {
        let changed = std::pin::pin!(self.changed.notified());
        if lock(&self.state).has_calls_under_way() {
            let _ = tokio::time::timeout(wait, changed).await;
            return;
        }
        match select(self.pause.pause(wait), changed).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }
}

/// Permission for one call. Dropped without an answer, it counts as a call that failed.
pub(crate) struct CallPermit {
    pacer: Arc<TenantRateLimiter>,
    round: u64,
    is_over: bool,
}

impl CallPermit {
    /// The tenant answered, with anything but a 429.
    pub fn record_response(mut self, headers: &RateLimitHeaders, is_server_error: bool) {
        let now = self.pacer.clock.now();
        self.end(|state, round| state.record_response(round, headers, is_server_error, now));
    }

    /// The tenant answered 429: nobody calls it until the time that it stated, or until a backoff.
    pub fn limited(mut self, headers: &RateLimitHeaders) {
        let now = self.pacer.clock.now();
        let chance = Arc::clone(&self.pacer.chance);
        self.end(|state, round| state.limited(round, headers, now, chance.as_ref()));
    }

    /// Gives the turn back: no call is made with it.
    pub fn release_unused(mut self) {
        self.end(State::returned);
    }

    fn end(&mut self, learn: impl FnOnce(&mut State, u64)) {
        self.is_over = true;
        learn(&mut lock(&self.pacer.state), self.round);
        self.pacer.changed.notify_one();
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
