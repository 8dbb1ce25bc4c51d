//! Polls a condition in real time, with a time limit of at least ten times the expected duration.

use std::time::{Duration, Instant};

/// Ten times the duration of a start on a slow machine.
pub const START_MAX: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Polls until the condition returns a value.
pub async fn until<T>(
    what: &str,
    at_most: Duration,
    mut poll: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + at_most;
    loop {
        if let Some(found) = poll().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {} s: {what}", at_most.as_secs());
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
