//! Audit events that are written in the background: of refusals, because the duration of the write would reveal
//! something to an unauthenticated caller, and of exports, whose response has ended. Bounded in number and in time.

use std::sync::Arc;
use std::time::Duration;

use store::AuditEntry;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::Engine;

/// Concurrent writes; events beyond this are only logged.
const ROWS_MAX: u32 = 64;
/// Timeout of a write.
const WRITE_MAX: Duration = Duration::from_secs(30);

pub struct AuditQueue(Arc<Semaphore>);

impl Default for AuditQueue {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROWS_MAX as usize)))
    }
}

impl Engine {
    /// Writes the event in the background.
    pub(crate) fn enqueue_audit(&self, entry: AuditEntry) {
        let missing = |entry: &AuditEntry, cause: &str| {
            tracing::error!(
                request_id = entry.request_id,
                action = entry.action,
                outcome = entry.outcome,
                cause,
                "audit event not written"
            );
        };
        let Ok(place) = Arc::clone(&self.shared.later.0).try_acquire_owned() else {
            return missing(&entry, "too many rows are being written");
        };
        let engine = self.clone();
        let work = async move {
            let _place = place;
            match tokio::time::timeout(WRITE_MAX, engine.store().insert_audit(&entry)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => missing(&entry, &error.to_string()),
                Err(_) => missing(&entry, "it took too long"),
            }
        };
        tokio::spawn(work.in_current_span());
    }

    /// Waits for pending writes, before the process ends.
    pub async fn flush_audits(&self) {
        // The semaphore is never closed.
        let _ = self.shared.later.0.acquire_many(ROWS_MAX).await;
    }
}
