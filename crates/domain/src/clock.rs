//! Time and ids as arguments: product code takes a [`Clock`] and an [`IdSource`], so that a test
//! can advance a [`ManualClock`] and expect known ids. Only the two system types read the operating system.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{Timestamp, TimestampArithmetic};
use uuid::Uuid;

/// Source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// The current time with microsecond precision, like Postgres.
    fn now(&self) -> Timestamp;
}

/// Source of new ids.
pub trait IdSource: Send + Sync + 'static {
    /// A new UUID version 7 (RFC 9562): ids sort by creation time.
    fn next(&self) -> Uuid;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        to_micros(Timestamp::now())
    }
}

/// `UUIDv7` from the system clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock for tests, which stands still until it is moved. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(to_micros(now))))
    }

    /// Moves it forward.
    pub fn advance(&self, by: impl Into<TimestampArithmetic>) {
        let mut now = self.lock();
        *now = to_micros(now.checked_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Moves it forward to an instant; an earlier one does not move it.
    pub fn advance_to(&self, at: Timestamp) {
        let mut now = self.lock();
        *now = to_micros(at).max(*now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}

/// Cuts an instant to whole microseconds, so that a value read back equals the value written.
pub fn to_micros(at: Timestamp) -> Timestamp {
    // A truncated timestamp stays in range.
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Formats a timestamp for output: RFC 3339 in UTC with exactly six fractional digits.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_is_written_with_six_digits_of_a_second() {
        for (at, text) in [
            ("2026-06-15T12:00:00Z", "2026-06-15T12:00:00.000000Z"),
            ("2026-06-15T12:00:00.5Z", "2026-06-15T12:00:00.500000Z"),
            ("2026-06-15T14:00:00.123456789+02:00", "2026-06-15T12:00:00.123456Z"),
        ] {
            assert_eq!(rfc3339(at.parse().unwrap()), text);
        }
    }
}
