//! The rows of syncs.

use domain::sync::{Sync, SyncResult, SyncState, Trigger};
use domain::{IntegrationId, SyncId};
use serde_json::Value;
use uuid::Uuid;

use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, organisation};

/// The columns of [`SyncRow`], from the sync `s`.
macro_rules! sync_columns {
    () => {
        "s.organisation_id, s.id, s.integration_id, s.state, s.trigger, s.started_by, s.queued_at,
         s.started_at, s.finished_at, s.attempts, s.result"
    };
}
pub(crate) use sync_columns;

#[derive(sqlx::FromRow)]
pub(crate) struct SyncRow {
    pub(crate) organisation_id: String,
    pub(crate) id: Uuid,
    pub(crate) integration_id: Uuid,
    state: String,
    trigger: String,
    started_by: String,
    queued_at: SqlTimestamp,
    started_at: Option<SqlTimestamp>,
    finished_at: Option<SqlTimestamp>,
    attempts: i32,
    result: Value,
}

impl TryFrom<SyncRow> for Sync {
    type Error = Error;

    fn try_from(row: SyncRow) -> Result<Self, Error> {
        let result: SyncResult =
            serde_json::from_value(row.result).map_err(|_| corrupt("result"))?;
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "syncs")?,
            id: SyncId(row.id),
            integration_id: IntegrationId(row.integration_id),
            state: SyncState::from_name(&row.state).ok_or_else(|| corrupt("state"))?,
            trigger: Trigger::from_name(&row.trigger).ok_or_else(|| corrupt("trigger"))?,
            started_by: row.started_by,
            queued_at: from_sql_time(row.queued_at),
            started_at: maybe_from_at(row.started_at),
            finished_at: maybe_from_at(row.finished_at),
            attempts: u32::try_from(row.attempts).map_err(|_| corrupt("attempts"))?,
            result,
        })
    }
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("syncs", column)
}
