//! Syncs, which are also the queue. Scheduling is in `scheduler.rs`, claiming in `claim.rs`, ending in `finish.rs`.

mod cancel;
mod claim;
mod events;
mod finish;
mod row;
mod scheduler;

pub use claim::{Claim, ClaimRules, Claims};
pub use events::{Progress, SecretExpires, SyncEvent, SyncEventKind};
pub use finish::Finish;

use domain::history::HistoryEntry;
use domain::sync::Sync;
use domain::{OrganisationId, SyncId};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{int, json, readable_since, text, to_sql_time, to_sql_time_opt};
use crate::error::violated;
use crate::notifications::CHANNEL;
use crate::{AuditEntry, Constraint, Error, Store, audit, history};
use row::{SyncRow, sync_columns};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertOutcome {
    /// Queued.
    Done,
    /// This sync is already queued or running.
    Active(SyncId),
    /// Missing or deleted.
    Missing,
    Disabled,
}

impl Store {
    /// Queues a sync with its history entry and audit event, and notifies the workers.
    pub async fn insert_sync(
        &self,
        sync: &Sync,
        entry: &HistoryEntry,
        audited: Option<&AuditEntry>,
    ) -> Result<InsertOutcome, Error> {
        match self.try_insert_sync(sync, entry, audited).await {
            // The active sync may end before it is found; then there is no conflict any more.
            Err(Error::Conflict(Constraint::ActiveSync)) => match self.find_active(sync).await? {
                Some(active) => Ok(InsertOutcome::Active(active)),
                None => self.try_insert_sync(sync, entry, audited).await,
            },
            other => other,
        }
    }

    async fn try_insert_sync(
        &self,
        sync: &Sync,
        entry: &HistoryEntry,
        audited: Option<&AuditEntry>,
    ) -> Result<InsertOutcome, Error> {
        let mut tx = self.begin_for(&sync.organisation_id).await?;
        // Locks the integration against deletion and changes until the insert.
        let sql = "/* store.insert_sync: lock */
            select enabled from integrations
            where organisation_id = $1 and id = $2 and deleted_at is null for share";
        let enabled: Option<bool> = sqlx::query_scalar(sql)
            .bind(sync.organisation_id.as_str())
            .bind(sync.integration_id.0)
            .fetch_optional(&mut *tx)
            .await?;
        match enabled {
            None => return Ok(InsertOutcome::Missing),
            Some(false) => return Ok(InsertOutcome::Disabled),
            Some(true) => {}
        }
        insert(&mut tx, sync, audited.map(|audited| audited.request_id.as_str())).await?;
        history::insert(&mut tx, entry).await?;
        if let Some(audited) = audited {
            audit::insert(&mut tx, audited).await?;
        }
        notify(&mut tx, self.instance()).await?;
        tx.commit().await?;
        Ok(InsertOutcome::Done)
    }

    async fn find_active(&self, sync: &Sync) -> Result<Option<SyncId>, Error> {
        let sql = "/* store.insert_sync: active */
            select id from syncs
            where organisation_id = $1 and integration_id = $2 and state in ('queued', 'running')";
        let mut tx = self.begin_for(&sync.organisation_id).await?;
        let id: Option<Uuid> = sqlx::query_scalar(sql)
            .bind(sync.organisation_id.as_str())
            .bind(sync.integration_id.0)
            .fetch_optional(&mut *tx)
            .await?;
        Ok(id.map(SyncId))
    }

    pub async fn find_sync(
        &self,
        organisation: &OrganisationId,
        id: SyncId,
        now: Timestamp,
    ) -> Result<Option<Sync>, Error> {
        let sql = concat!(
            "/* store.find_sync */ select ",
            sync_columns!(),
            " from syncs s join integrations i
                on i.organisation_id = s.organisation_id and i.id = s.integration_id
              where s.organisation_id = $1 and s.id = $2
                and (i.deleted_at is null or i.deleted_at > $3)"
        );
        let query = sqlx::query_as::<_, SyncRow>(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(readable_since(now));
        self.find(organisation, query).await
    }
}

async fn insert(
    connection: &mut PgConnection,
    sync: &Sync,
    request_id: Option<&str>,
) -> Result<(), Error> {
    let sql = "/* store.insert_sync */
        insert into syncs
            (organisation_id, id, integration_id, tenant_domain, state, trigger, started_by,
             queued_at, not_before, started_at, finished_at, attempts, result, request_id)
        select $1, $2, $3, i.api_identifier, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12
        from integrations i where i.organisation_id = $1 and i.id = $3";
    sqlx::query(sql)
        .bind(sync.organisation_id.as_str())
        .bind(sync.id.0)
        .bind(sync.integration_id.0)
        .bind(sync.state.name())
        .bind(sync.trigger.name())
        .bind(text(&sync.started_by))
        .bind(to_sql_time(sync.queued_at))
        .bind(to_sql_time_opt(sync.started_at))
        .bind(to_sql_time_opt(sync.finished_at))
        .bind(int(sync.attempts))
        .bind(json(&sync.result)?)
        .bind(request_id.map(text))
        .execute(connection)
        .await
        .map_err(|error| match violated(&error) {
            Some("syncs_active_key") => Error::Conflict(Constraint::ActiveSync),
            _ => error.into(),
        })?;
    Ok(())
}

/// In a notification that every process needs.
const EVERYONE: &str = "";

/// Delivered on commit. `instance`: the process that needs no notification.
async fn notify(connection: &mut PgConnection, instance: &str) -> Result<(), Error> {
    sqlx::query("/* store.notify_sync_queued */ select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(instance)
        .execute(connection)
        .await?;
    Ok(())
}
