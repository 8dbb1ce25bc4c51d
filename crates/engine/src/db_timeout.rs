//! A bound on each step in the database. The database bounds its own statements; but where its machine is
//! gone, or a firewall has forgotten the connection, no answer comes and nobody says so.

use std::time::Duration;

/// Beyond what the database's own bounds allow one step of several statements.
pub(crate) const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for the end of a sync, which has the most of them.
pub(crate) const FINISH_TIMEOUT: Duration = Duration::from_secs(60);

/// The outcome, or `Unavailable` when there is none by then.
pub(crate) async fn with_timeout<T>(
    time: Duration,
    step: impl Future<Output = Result<T, store::Error>>,
) -> Result<T, store::Error> {
    let outcome = tokio::time::timeout(time, step).await;
    outcome.unwrap_or_else(|elapsed| Err(store::Error::Unavailable(Box::new(elapsed))))
}
