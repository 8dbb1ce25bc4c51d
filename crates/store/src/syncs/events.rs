//! Events of syncs, for clients that follow one. A trigger writes changes of state, the worker that runs the sync all
//! others.

use domain::reminder::Reminder;
use domain::sync::{ReadingReport, SyncState};
use domain::{OrganisationId, SyncId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{SqlTimestamp, from_sql_time, json, to_sql_time};
use crate::{Error, Store};

/// Events per query.
const EVENTS_MAX: i64 = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct SyncEvent {
    /// Ascending within a sync.
    pub id: i64,
    pub at: Timestamp,
    pub kind: SyncEventKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SyncEventKind {
    /// A change of state.
    State {
        state: SyncState,
        /// Number of workers that claimed it.
        attempts: u32,
    },
    Progress(Progress),
}

/// An event from the worker that runs the sync.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The outcome of a reading.
    Reading(Box<ReadingReport>),
    /// The sync's client secret is about to expire or has expired.
    SecretExpires(SecretExpires),
}

/// The expiry of the client secret, as of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretExpires {
    pub expires_at: Timestamp,
    #[serde(flatten)]
    pub reminder: Reminder,
    /// Whether a next secret is set.
    pub next_set: bool,
}

/// Ignores kinds that another version of the service wrote.
const KINDS: [&str; 4] = [STATE, READING, READINGS, SECRET_EXPIRES];
const STATE: &str = "state";
/// Written by an earlier version.
const READING: &str = "reading";
/// A list of them. The row has the id of the last one.
const READINGS: &str = "readings";
const SECRET_EXPIRES: &str = "secret_expires";

#[derive(sqlx::FromRow)]
struct EventRow {
    id: i64,
    at: SqlTimestamp,
    kind: String,
    body: Value,
}

#[derive(Deserialize)]
struct StateBody {
    state: SyncState,
    attempts: u32,
}

impl Store {
    /// Inserts events in order and in one transaction, if the sync is still held under this lease.
    pub async fn insert_sync_events(
        &self,
        organisation: &OrganisationId,
        lease_token: Uuid,
        now: Timestamp,
        events: &[Progress],
    ) -> Result<(), Error> {
        let mut tx = self.begin_for(organisation).await?;
        insert(&mut tx, organisation, lease_token, now, events).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The events after this one, oldest first, up to a limit; if there are none, these are all.
    pub async fn list_sync_events(
        &self,
        organisation: &OrganisationId,
        id: SyncId,
        after: i64,
    ) -> Result<Vec<SyncEvent>, Error> {
        let sql = "/* store.list_sync_events */
            select id, at, kind, body from sync_events
            where organisation_id = $1 and sync_id = $2 and id > $3 and kind = any($5)
            order by id limit $4";
        let mut tx = self.begin_for(organisation).await?;
        let rows: Vec<EventRow> = sqlx::query_as(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(after)
            .bind(EVENTS_MAX)
            .bind(KINDS.as_slice())
            .fetch_all(&mut *tx)
            .await?;
        let mut events = Vec::new();
        for row in rows {
            events.extend(row.read()?.into_iter().filter(|event| event.id > after));
        }
        Ok(events)
    }
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    lease_token: Uuid,
    now: Timestamp,
    events: &[Progress],
) -> Result<(), Error> {
    let (mut kinds, mut bodies) = (Vec::new(), Vec::new());
    for events in events.chunk_by(|one, next| one.is_reading() && next.is_reading()) {
        let readings = events.iter().filter_map(|event| match event {
            Progress::Reading(report) => Some(report),
            Progress::SecretExpires(_) => None,
        });
        let (kind, body) = match &events[0] {
            Progress::Reading(_) => (READINGS, json(&readings.collect::<Vec<_>>())?),
            Progress::SecretExpires(expires) => (SECRET_EXPIRES, json(expires)?),
        };
        kinds.push(kind);
        bodies.push(body);
    }
    let sql = "/* store.insert_sync_events */
        insert into sync_events (organisation_id, sync_id, at, kind, body)
        select s.organisation_id, s.id, $3, e.kind, e.body
        from syncs s, unnest($4::text[], $5::jsonb[]) with ordinality e (kind, body, number)
        where s.organisation_id = $1 and s.lease_token = $2
        order by e.number";
    sqlx::query(sql)
        .bind(organisation.as_str())
        .bind(lease_token)
        .bind(to_sql_time(now))
        .bind(kinds)
        .bind(bodies)
        .execute(connection)
        .await?;
    Ok(())
}

impl Progress {
    fn is_reading(&self) -> bool {
        matches!(self, Self::Reading(_))
    }
}

impl EventRow {
    fn read(self) -> Result<Vec<SyncEvent>, Error> {
        let corrupt = |_| Error::corrupt("sync_events", "body");
        let reading = |report| SyncEventKind::Progress(Progress::Reading(report));
        let kinds = match self.kind.as_str() {
            READING => vec![reading(serde_json::from_value(self.body).map_err(corrupt)?)],
            READINGS => {
                let reports: Vec<_> = serde_json::from_value(self.body).map_err(corrupt)?;
                reports.into_iter().map(reading).collect()
            }
            SECRET_EXPIRES => {
                let expires = serde_json::from_value(self.body).map_err(corrupt)?;
                vec![SyncEventKind::Progress(Progress::SecretExpires(expires))]
            }
            _ => {
                let body: StateBody = serde_json::from_value(self.body).map_err(corrupt)?;
                vec![SyncEventKind::State { state: body.state, attempts: body.attempts }]
            }
        };
        let at = from_sql_time(self.at);
        let first = self.id - i64::try_from(kinds.len()).unwrap_or(i64::MAX);
        Ok((first + 1..).zip(kinds).map(|(id, kind)| SyncEvent { id, at, kind }).collect())
    }
}
