//! Rows of the audit that nobody waits for, because the time that a row takes would tell a stranger
//! something. Each is written in a task of its own: few at once, each for a short time only.

use std::sync::Arc;
use std::time::Duration;

use store::AuditEntry;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::Engine;

/// Rows that are being written at once; of more only the log knows.
const ROWS_MAX: u32 = 64;
/// A row that is not written by then is given up.
const WRITE_MAX: Duration = Duration::from_secs(30);

/// The rows that are being written.
pub struct AuditQueue(Arc<Semaphore>);

impl Default for AuditQueue {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROWS_MAX as usize)))
    }
}

impl Engine {
    /// Writes the row soon.
    pub(crate) fn enqueue_audit(&self, entry: AuditEntry) {
        let missing = |entry: &AuditEntry, cause: &str| {
            tracing::error!(
                request_id = entry.request_id,
                action = entry.action,
                outcome = entry.outcome,
                cause,
                "a refusal is missing in the audit"
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

    /// Waits until the rows that nobody waits for are written or given up: before the process ends.
    pub async fn flush_audits(&self) {
        // The semaphore is never closed.
        let _ = self.shared.later.0.acquire_many(ROWS_MAX).await;
    }
}
