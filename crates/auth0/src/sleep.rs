//! Waiting and chance as arguments, so that tests run on a manual clock with known jitter.

use std::time::Duration;

use futures_util::future::BoxFuture;

/// How this client waits between requests. Timeouts of the network itself use real time.
pub trait Sleeper: Send + Sync + 'static {
    /// Resolves when `wait` has passed on the clock that this belongs to.
    fn pause(&self, wait: Duration) -> BoxFuture<'static, ()>;
}

/// Waits in real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

impl Sleeper for TokioSleeper {
    fn pause(&self, wait: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Where jitter comes from.
pub trait Jitter: Send + Sync + 'static {
    /// Any duration from nothing to `ceiling`, both included.
    fn up_to(&self, ceiling: Duration) -> Duration;
}

/// Evenly distributed, from the thread's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn up_to(&self, ceiling: Duration) -> Duration {
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(rand::random_range(0..=nanos))
    }
}
