//! Starts, cancels and follows syncs.

use std::time::Duration;

use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::sync::{Stage, Sync, SyncResult, SyncState, Trigger};
use domain::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use serde_json::json;
use store::InsertOutcome;

use crate::{Actor, Engine, Error};

/// How often a waiting request polls a sync that another replica may run.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Histogram of the durations of syncs.
pub const SYNC_DURATION_SECONDS: &str = "safe_auth0_sync_duration_seconds";
/// Upper bounds of its buckets, in seconds. A sync of a tenant that responds quickly takes about a second.
pub const SYNC_DURATION_BUCKETS_S: [f64; 10] =
    [0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0];

impl Engine {
    /// Queues a sync; fails if the integration has an active one.
    pub async fn start_sync(&self, actor: &Actor, id: IntegrationId) -> Result<Sync, Error> {
        let integration = self.get_active(actor, id).await?;
        if !integration.settings.enabled {
            return Err(Error::Disabled(id));
        }
        let now = self.clock().now();
        let sync = Sync {
            organisation_id: actor.organisation_id.clone(),
            id: SyncId(self.ids().next()),
            integration_id: id,
            state: SyncState::Queued,
            trigger: Trigger::OnDemand,
            started_by: actor.email.clone(),
            queued_at: now,
            started_at: None,
            finished_at: None,
            attempts: 0,
            result: SyncResult::default(),
        };
        let entry = HistoryEntry {
            organisation_id: actor.organisation_id.clone(),
            id: HistoryEntryId(self.ids().next()),
            integration_id: id,
            action: Action::Sync,
            started_at: now,
            started_by: actor.email.clone(),
            status: HistoryStatus::InProgress,
            stage: Stage::Started,
            error: None,
            message: "Waiting for a worker.".to_owned(),
            last_completed_at: None,
            sync_id: Some(sync.id),
            details: json!({}),
        };
        let audit = self.audit(actor, "start_sync", Some(sync.id.0));
        match self.store().insert_sync(&sync, &entry, Some(&audit)).await? {
            InsertOutcome::Active(active) => Err(Error::SyncInProgress(active)),
            // Deleted or disabled since the check.
            InsertOutcome::Missing => Err(Error::Deleted(id)),
            InsertOutcome::Disabled => Err(Error::Disabled(id)),
            InsertOutcome::Done => {
                self.shared.queued.notify_one();
                Ok(sync)
            }
        }
    }

    /// Cancels a queued or running sync, which stops within a second. Does nothing if it has ended.
    pub async fn cancel_sync(&self, actor: &Actor, id: SyncId) -> Result<Sync, Error> {
        let now = self.clock().now();
        let organisation_id = &actor.organisation_id;
        let readable = self.store().find_sync(organisation_id, id, now).await?;
        readable.ok_or(Error::NotFound)?;
        let audit = self.audit(actor, "cancel_sync", Some(id.0));
        self.store().cancel_sync(organisation_id, id, now, &audit).await?;
        self.shared.ended.notify_waiters();
        let sync = self.store().find_sync(organisation_id, id, now).await?;
        sync.ok_or(Error::NotFound)
    }

    /// The sync when it has ended, or its state on timeout. None: there is no such sync.
    pub async fn wait_for_sync(
        &self,
        organisation_id: &OrganisationId,
        id: SyncId,
        at_most: Duration,
    ) -> Result<Option<Sync>, Error> {
        let time_is_up = tokio::time::Instant::now() + at_most;
        loop {
            // Registered before the query, so that an end in between is not missed.
            let ended = self.shared.ended.notified();
            let sync = self.store().find_sync(organisation_id, id, self.clock().now()).await?;
            let is_over = sync.as_ref().is_none_or(|sync| sync.state.is_over());
            let now = tokio::time::Instant::now();
            if is_over || now >= time_is_up {
                return Ok(sync);
            }
            let look_again = time_is_up.min(now + LOOK_EVERY);
            tokio::select! {
                () = ended => {}
                () = tokio::time::sleep_until(look_again) => {}
            }
        }
    }
}
