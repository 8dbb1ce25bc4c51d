//! Telling whoever follows a sync how it goes. That is a service to them and no part of the sync: when
//! it fails, the sync goes on untold.

use std::time::Duration;

use domain::reminder;
use domain::sync::ReadingReport;
use store::{Claim, Progress, SecretExpires};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{Engine, db_timeout};

/// How long telling may hold a sync up.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(5);
/// Readings that one transaction records: more than there are kinds.
const BATCH_MAX: usize = 64;

impl Engine {
    /// Records readings as they come: those that are there together in one transaction.
    pub(crate) async fn record_readings(
        &self,
        claim: &Claim,
        mut reports: UnboundedReceiver<ReadingReport>,
    ) {
        let mut batch = Vec::new();
        while reports.recv_many(&mut batch, BATCH_MAX).await > 0 {
            let events: Vec<_> =
                batch.drain(..).map(|report| Progress::Reading(Box::new(report))).collect();
            if !self.write_events(claim, &events).await {
                return;
            }
        }
    }

    /// Tells that the secret which this sync begins with is about to expire, or has.
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
            tracing::warn!(sync_id = %claim.sync.id, %error, "the progress of the sync is not recorded");
        }
        written.is_ok()
    }
}
