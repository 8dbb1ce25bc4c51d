//! What the followers of a sync are told. Changes of state come from a trigger, readings from the
//! worker that holds the sync.

use domain::sync::{ReadingReport, SyncState};
use domain::{OrganisationId, SyncId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::value::{At, at, from_at, json};
use crate::{Error, Store};

/// Events read at once.
const EVENTS_MAX: i64 = 200;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncEvent {
    /// Ascending in the life of one sync.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: SyncEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncEventKind {
    /// The sync is in this state now, after so many workers took it.
    State {
        /// The state.
        state: SyncState,
        /// How many workers took it.
        attempts: u32,
    },
    /// One kind of resource was read, or could not be.
    Reading(Box<ReadingReport>),
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: i64,
    at: At,
    kind: String,
    body: Value,
}

#[derive(Deserialize)]
struct StateBody {
    state: SyncState,
    attempts: u32,
}

impl Store {
    /// Notes a reading of a sync that is still held under this lease.
    pub async fn insert_reading_event(
        &self,
        organisation: &OrganisationId,
        lease_token: Uuid,
        now: Timestamp,
        report: &ReadingReport,
    ) -> Result<(), Error> {
        let sql = "/* store.insert_reading_event */
            insert into sync_events (organisation_id, sync_id, at, kind, body)
            select organisation_id, id, $3, 'reading', $4 from syncs
            where organisation_id = $1 and lease_token = $2";
        let mut tx = self.begin_for(organisation).await?;
        sqlx::query(sql)
            .bind(organisation.as_str())
            .bind(lease_token)
            .bind(at(now))
            .bind(json(report)?)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The events of a sync after this one, oldest first, up to a page.
    pub async fn list_sync_events(
        &self,
        organisation: &OrganisationId,
        id: SyncId,
        after: i64,
    ) -> Result<Vec<SyncEvent>, Error> {
        let sql = "/* store.list_sync_events */
            select id, at, kind, body from sync_events
            where organisation_id = $1 and sync_id = $2 and id > $3 order by id limit $4";
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<EventRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(after)
            .bind(EVENTS_MAX)
            .fetch_all(&mut *tx)
            .await?;
        rows.into_iter().map(SyncEvent::try_from).collect()
    }
}

impl TryFrom<EventRow> for SyncEvent {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self, Error> {
        let corrupt = |_| Error::corrupt("sync_events", "body");
        let kind = if row.kind == "reading" {
            SyncEventKind::Reading(Box::new(serde_json::from_value(row.body).map_err(corrupt)?))
        } else {
            let body: StateBody = serde_json::from_value(row.body).map_err(corrupt)?;
            SyncEventKind::State { state: body.state, attempts: body.attempts }
        };
        Ok(Self { id: row.id, at: from_at(row.at), kind })
    }
}
