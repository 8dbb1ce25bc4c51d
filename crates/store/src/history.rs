//! The entries of SAFE's History table. `reminders.rs` and `syncs/scheduler.rs` insert theirs in statements of their
//! own.

use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::sync::Stage;
use domain::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::convert::{
    SqlTimestamp, from_sql_time, json, maybe_from_at, organisation, readable_since, text,
    to_sql_time, to_sql_time_opt,
};
use crate::{AuditEntry, Error, Page, PageQuery, Store, audit};

/// An absent filter matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    pub actions: Option<Vec<Action>>,
    pub statuses: Option<Vec<HistoryStatus>>,
}

macro_rules! history_columns {
    () => {
        "h.organisation_id, h.id, h.integration_id, h.action, h.started_at, h.started_by, h.status,
         h.stage, h.error, h.message, h.last_completed_at, h.sync_id, h.details
         from history_entries h join integrations i
         on i.organisation_id = h.organisation_id and i.id = h.integration_id"
    };
}

impl Store {
    /// Inserts an entry and its audit event.
    pub async fn insert_history(
        &self,
        entry: &HistoryEntry,
        audited: Option<&AuditEntry>,
    ) -> Result<(), Error> {
        let mut tx = self.begin_for(&entry.organisation_id).await?;
        insert(&mut tx, entry).await?;
        if let Some(audited) = audited {
            audit::insert(&mut tx, audited).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The entries of one integration, newest first.
    pub async fn list_history(
        &self,
        organisation: &OrganisationId,
        integration_id: IntegrationId,
        filter: &HistoryFilter,
        slice: PageQuery<HistoryEntryId>,
        now: Timestamp,
    ) -> Result<Page<HistoryEntry>, Error> {
        let sql = concat!(
            "/* store.list_history */ select ",
            history_columns!(),
            " where h.organisation_id = $1 and h.integration_id = $2
                and (i.deleted_at is null or i.deleted_at > $3)
                and ($4::text[] is null or h.action = any($4))
                and ($5::text[] is null or h.status = any($5))
                and h.id < $6
              order by h.id desc limit $7"
        );
        let actions = filter.actions.as_ref();
        let statuses = filter.statuses.as_ref();
        let query = sqlx::query_as::<_, HistoryRow>(sql)
            .bind(organisation.as_str())
            .bind(integration_id.0)
            .bind(readable_since(now))
            .bind(actions.map(|all| all.iter().map(|each| each.name()).collect::<Vec<_>>()))
            .bind(statuses.map(|all| all.iter().map(|each| each.name()).collect::<Vec<_>>()))
            .bind(slice.after.map_or(Uuid::max(), |id| id.0))
            .bind(slice.limit_plus_one());
        self.find_page(organisation, query, slice.limit).await
    }

    pub async fn find_history(
        &self,
        organisation: &OrganisationId,
        id: HistoryEntryId,
        now: Timestamp,
    ) -> Result<Option<HistoryEntry>, Error> {
        let sql = concat!(
            "/* store.find_history */ select ",
            history_columns!(),
            " where h.organisation_id = $1 and h.id = $2
                and (i.deleted_at is null or i.deleted_at > $3)"
        );
        let query = sqlx::query_as::<_, HistoryRow>(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(readable_since(now));
        self.find(organisation, query).await
    }
}

/// Inserts an entry in the transaction of the change that it records.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    entry: &HistoryEntry,
) -> Result<(), Error> {
    let sql = "/* store.insert_history */
        insert into history_entries
            (organisation_id, id, integration_id, action, started_at, started_by, status, stage,
             error, message, last_completed_at, sync_id, details)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    sqlx::query(sql)
        .bind(entry.organisation_id.as_str())
        .bind(entry.id.0)
        .bind(entry.integration_id.0)
        .bind(entry.action.name())
        .bind(to_sql_time(entry.started_at))
        .bind(text(&entry.started_by))
        .bind(entry.status.name())
        .bind(entry.stage.name())
        .bind(entry.error.as_deref().map(text))
        .bind(text(&entry.message))
        .bind(to_sql_time_opt(entry.last_completed_at))
        .bind(entry.sync_id.map(|id| id.0))
        .bind(json(&entry.details)?)
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct HistoryRow {
    organisation_id: String,
    id: Uuid,
    integration_id: Uuid,
    action: String,
    started_at: SqlTimestamp,
    started_by: String,
    status: String,
    stage: String,
    error: Option<String>,
    message: String,
    last_completed_at: Option<SqlTimestamp>,
    sync_id: Option<Uuid>,
    details: Value,
}

impl TryFrom<HistoryRow> for HistoryEntry {
    type Error = Error;

    fn try_from(row: HistoryRow) -> Result<Self, Error> {
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "history_entries")?,
            id: HistoryEntryId(row.id),
            integration_id: IntegrationId(row.integration_id),
            action: Action::from_name(&row.action).ok_or_else(|| corrupt("action"))?,
            started_at: from_sql_time(row.started_at),
            started_by: row.started_by,
            status: HistoryStatus::from_name(&row.status).ok_or_else(|| corrupt("status"))?,
            stage: Stage::from_name(&row.stage).ok_or_else(|| corrupt("stage"))?,
            error: row.error,
            message: row.message,
            last_completed_at: maybe_from_at(row.last_completed_at),
            sync_id: row.sync_id.map(SyncId),
            details: row.details,
        })
    }
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("history_entries", column)
}
