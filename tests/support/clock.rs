//! A clock that only tests move, and pauses that move it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::Clock;
use jiff::Timestamp;

/// A clock that stands still until it is moved. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at this instant.
    pub fn at(text: &str) -> Self {
        Self::standing(at(text))
    }

    /// Stands at this instant.
    pub fn standing(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// Moves it.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("tests move the clock by years at most");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// For the simulator.
    pub fn as_now(&self) -> simulator::Now {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let micros = self.0.load(Ordering::SeqCst);
        Timestamp::from_microsecond(micros).expect("the clock stays in range")
    }
}

impl auth0::Sleeper for ManualClock {
    /// Whoever waits moves the clock to the end of the wait, at once.
    fn pause(&self, lasting: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        let until = self.now() + jiff::SignedDuration::try_from(lasting).expect("a short wait");
        let clock = self.clone();
        Box::pin(async move {
            // Others get their turn first, so that work in hand ends at the time it began.
            tokio::task::yield_now().await;
            clock.0.fetch_max(until.as_microsecond(), Ordering::SeqCst);
        })
    }
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("tests write instants in RFC 3339")
}
