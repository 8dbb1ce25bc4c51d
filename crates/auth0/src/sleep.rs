//! Waits and jitter as arguments, so that tests run on a manual clock with known jitter.

use std::time::Duration;

use domain::Clock;
use domain::clock::ManualClock;
use futures_util::future::BoxFuture;

use crate::time::saturating_add;

/// Waits between requests. Network timeouts use real time.
pub trait Sleeper: Send + Sync + 'static {
    /// Resolves when `wait` has passed on the clock of this sleeper.
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()>;
}

/// Waits in real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

impl Sleeper for TokioSleeper {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Moves the manual clock to the end of the wait, at once.
impl Sleeper for ManualClock {
    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let (clock, until) = (self.clone(), saturating_add(self.now(), wait));
        Box::pin(async move {
            // Running calls end first, at the time at which they started.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            clock.advance_to(until);
        })
    }
}

/// A source of jitter.
pub trait Jitter: Send + Sync + 'static {
    /// A duration from zero to `ceiling`, inclusive.
    fn up_to(&self, ceiling: Duration) -> Duration;
}

/// Uniformly distributed.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn up_to(&self, ceiling: Duration) -> Duration {
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(rand::random_range(0..=nanos))
    }
}
