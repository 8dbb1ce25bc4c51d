//! Wakes the workers when a sync is queued on any replica. Workers also poll, because a notification is lost with its
//! connection.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::Store;

pub(crate) const CHANNEL: &str = "safe_auth0_syncs";
/// Pauses between connection attempts.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Listens for queued syncs, on its own connection.
#[derive(Debug)]
pub struct Listener {
    pool: PgPool,
    connected: Option<PgListener>,
    pause: Duration,
    instance: String,
}

impl Store {
    /// Connects on the first [`Listener::next`].
    pub fn listen(&self) -> Listener {
        // The shared pool would lose a connection to it permanently.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.pool().connect_options().as_ref().clone());
        Listener { pool, connected: None, pause: PAUSE_FIRST, instance: self.instance().to_owned() }
    }
}

impl Listener {
    /// Waits until there may be work: another process queued a sync (this one knows of its own), or the connection is new and a notification may have been
    /// missed. Never fails: it reconnects with growing pauses. Dropping the future loses at most one notification.
    pub async fn next(&mut self) {
        loop {
            let outcome = match &mut self.connected {
                Some(listener) => match listener.try_recv().await {
                    Ok(Some(notification)) if notification.payload() == self.instance => continue,
                    received => received.map(drop),
                },
                None => self.connect().await,
            };
            match outcome {
                Ok(()) => {
                    self.pause = PAUSE_FIRST;
                    return;
                }
                Err(error) => {
                    self.connected = None;
                    tracing::warn!(%error, pause = ?self.pause, "cannot listen for queued syncs; will reconnect");
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
