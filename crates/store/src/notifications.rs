//! Wakes the workers when a sync is queued anywhere. A hint only: workers also look by themselves
//! now and then, because a notification can be lost with its connection.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::Store;

/// Where a queued sync is announced.
pub(crate) const CHANNEL: &str = "safe_auth0_syncs";
/// The pauses between attempts to connect.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Hears of queued syncs, on a connection of its own.
#[derive(Debug)]
pub struct Listener {
    pool: PgPool,
    connected: Option<PgListener>,
    pause: Duration,
}

impl Store {
    /// Begins to listen; connects with the first [`Listener::next`].
    pub fn listen(&self) -> Listener {
        // Not from the shared pool, where the listener would hold a connection for ever.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.pool().connect_options().as_ref().clone());
        Listener { pool, connected: None, pause: PAUSE_FIRST }
    }
}

impl Listener {
    /// Waits until there may be something to do: a sync was queued, or the connection is new, so
    /// that something may have been missed. Never fails: it connects again, with growing pauses.
    /// Dropping the future loses at most one wake-up.
    pub async fn next(&mut self) {
        loop {
            let outcome = match &mut self.connected {
                Some(listener) => listener.try_recv().await.map(drop),
                None => self.connect().await,
            };
            match outcome {
                Ok(()) => {
                    self.pause = PAUSE_FIRST;
                    return;
                }
                Err(error) => {
                    self.connected = None;
                    tracing::warn!(%error, pause = ?self.pause, "not listening for queued syncs");
                    tokio::time::sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        self.connected = Some(listener);
        Ok(())
    }
}
