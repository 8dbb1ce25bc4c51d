//! Records the progress of a sync for clients that follow it. Failing to record it does not affect the sync.

use std::time::Duration;

use domain::reminder;
use domain::sync::ReadingReport;
use store::{Claim, Progress, SecretExpires};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Engine, db_timeout};

/// How long recording may delay a sync.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(5);
/// Readings that arrive within this time are recorded together.
const INTERVAL: Duration = Duration::from_millis(200);

impl Engine {
    /// Records readings as they arrive, in one transaction per interval. Returns those since the last one, which are
    /// written with the end of the sync.
    pub(crate) async fn record_readings(
        &self,
        claim: &Claim,
        mut reports: UnboundedReceiver<ReadingReport>,
    ) -> Vec<Progress> {
        let (mut pending, mut interval) = (Vec::new(), INTERVAL);
        while let Some(first) = reports.recv().await {
            pending.push(Progress::Reading(Box::new(first)));
            let rest = async {
                while let Some(report) = reports.recv().await {
                    pending.push(Progress::Reading(Box::new(report)));
                }
            };
            if tokio::time::timeout(interval, rest).await.is_ok() {
                break;
            }
            if !self.write_events(claim, &std::mem::take(&mut pending)).await {
                // The database is away: the rest is written with the end.
                interval = Duration::MAX;
            }
        }
        pending
    }

    /// Records that the secret of this sync is about to expire or has expired.
    pub(crate) async fn record_secret_expiry(&self, claim: &Claim) {
        let Some(expires_at) = claim.integration.settings.client_secret_expires_at else { return };
        if let Some(reminder) = reminder::current_stage(expires_at, self.clock().now()) {
            let next_set = claim.integration.next_secret.is_some();
            let expires = SecretExpires { expires_at, reminder, next_set };
            self.write_events(claim, &[Progress::SecretExpires(expires)]).await;
        }
    }

    async fn write_events(&self, claim: &Claim, events: &[Progress]) -> bool {
        let (organisation_id, now) = (&claim.sync.organisation_id, self.clock().now());
        let written =
            self.store().insert_sync_events(organisation_id, claim.lease_token, now, events);
        let written = db_timeout::with_timeout(PROGRESS_TIMEOUT, written).await;
        if let Err(error) = &written {
            tracing::warn!(sync_id = %claim.sync.id, %error, "recording sync progress failed");
        }
        written.is_ok()
    }
}
