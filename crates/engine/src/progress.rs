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

impl Engine {
    /// Tells each reading as it comes.
    pub(crate) async fn record_readings(
        &self,
        claim: &Claim,
        mut told: UnboundedReceiver<ReadingReport>,
    ) {
        while let Some(report) = told.recv().await {
            if !self.write_event(claim, Progress::Reading(Box::new(report))).await {
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
            self.write_event(claim, Progress::SecretExpires(expires)).await;
        }
    }

    async fn write_event(&self, claim: &Claim, progress: Progress) -> bool {
        let (organisation_id, now) = (&claim.sync.organisation_id, self.clock().now());
        let noted =
            self.store().insert_sync_event(organisation_id, claim.lease_token, now, &progress);
        let noted = db_timeout::with_timeout(PROGRESS_TIMEOUT, noted).await;
        if let Err(error) = &noted {
            tracing::warn!(sync_id = %claim.sync.id, %error, "followers are not told");
        }
        noted.is_ok()
    }
}
