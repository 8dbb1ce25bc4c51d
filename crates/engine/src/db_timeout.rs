//! Timeouts around steps in the database. Postgres limits its own statements, but if its machine is gone or a
//! firewall has dropped the connection, no response ever arrives.

use std::time::Duration;

/// Longer than Postgres' own limits allow one step of several statements to take.
pub(crate) const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for the end of a sync, which has the most statements.
pub(crate) const FINISH_TIMEOUT: Duration = Duration::from_secs(60);

/// Fails with `Unavailable` on timeout.
pub(crate) async fn with_timeout<T>(
    time: Duration,
    step: impl Future<Output = Result<T, store::Error>>,
) -> Result<T, store::Error> {
    let outcome = tokio::time::timeout(time, step).await;
    outcome.unwrap_or_else(|elapsed| Err(store::Error::Unavailable(Box::new(elapsed))))
}
