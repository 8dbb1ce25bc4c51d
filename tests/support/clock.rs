//! Instants and clocks of the tests.

use std::sync::Arc;

use domain::Clock as _;
use domain::clock::ManualClock;
use jiff::Timestamp;

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("tests write instants in RFC 3339")
}

/// The same clock for the simulator.
pub fn simulator_clock(clock: &ManualClock) -> simulator::Now {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}
