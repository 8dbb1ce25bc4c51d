//! Polls a condition in real time, with a time limit of at least ten times the expected duration.

use std::time::{Duration, Instant};

/// Ten times what a start takes on a slow machine.
pub const START_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until there is something.
pub async fn until<T>(
    what: &str,
    at_most: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + at_most;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {} s: {what}", at_most.as_secs());
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
