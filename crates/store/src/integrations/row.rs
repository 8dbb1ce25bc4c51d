//! The rows of integrations, with the latest sync.

use domain::address::TenantAddress;
use domain::integration::{Integration, LastSync, NextSecret, Settings};
use domain::sync::SyncState;
use domain::{IntegrationId, OrganisationId, SyncId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, organisation, read_frequency};

/// The columns and tables of [`IntegrationRow`]: everything between `select` and `where`.
macro_rules! integration_columns {
    () => {
        "i.organisation_id, i.id, i.name, i.api_identifier, i.api_audience, i.client_id,
         i.client_secret_updated_at, i.client_secret_expires_at,
         i.next_client_secret_sealed is not null as has_next_secret,
         i.next_client_secret_expires_at, i.asset_name,
         i.auto_sync_frequency, i.enabled, i.version, i.paused_at, i.failing_since, i.deleted_at,
         i.next_sync_at, i.last_succeeded_at, i.created_at, i.updated_at,
         latest.id as last_sync_id, latest.state as last_sync_state,
         latest.finished_at as last_sync_finished_at
         from integrations i left join lateral (
             select s.id, s.state, s.finished_at from syncs s
             where s.organisation_id = i.organisation_id and s.integration_id = i.id
             order by s.id desc limit 1
         ) latest on true"
    };
}
pub(crate) use integration_columns;

#[derive(sqlx::FromRow)]
pub(crate) struct IntegrationRow {
    organisation_id: String,
    id: Uuid,
    name: String,
    api_identifier: String,
    api_audience: String,
    client_id: String,
    client_secret_updated_at: SqlTimestamp,
    client_secret_expires_at: Option<SqlTimestamp>,
    has_next_secret: bool,
    next_client_secret_expires_at: Option<SqlTimestamp>,
    asset_name: String,
    auto_sync_frequency: Value,
    enabled: bool,
    version: i64,
    paused_at: Option<SqlTimestamp>,
    failing_since: Option<SqlTimestamp>,
    deleted_at: Option<SqlTimestamp>,
    next_sync_at: Option<SqlTimestamp>,
    last_succeeded_at: Option<SqlTimestamp>,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    last_sync_id: Option<Uuid>,
    last_sync_state: Option<String>,
    last_sync_finished_at: Option<SqlTimestamp>,
}

impl TryFrom<IntegrationRow> for Integration {
    type Error = Error;

    fn try_from(row: IntegrationRow) -> Result<Self, Error> {
        let last_sync = row.last_sync()?;
        Ok(Self {
            organisation_id: organisation(&row.organisation_id, "integrations")?,
            id: IntegrationId(row.id),
            settings: Settings {
                name: row.name,
                api_identifier: TenantAddress::from_stored(&row.api_identifier)
                    .ok_or_else(|| corrupt("api_identifier"))?,
                api_audience: TenantAddress::from_stored(&row.api_audience)
                    .ok_or_else(|| corrupt("api_audience"))?,
                client_id: row.client_id,
                asset_name: row.asset_name,
                auto_sync_frequency: read_frequency(&row.auto_sync_frequency)?,
                client_secret_expires_at: maybe_from_at(row.client_secret_expires_at),
                enabled: row.enabled,
            },
            client_secret_updated_at: from_sql_time(row.client_secret_updated_at),
            next_secret: row.has_next_secret.then(|| NextSecret {
                expires_at: maybe_from_at(row.next_client_secret_expires_at),
            }),
            version: row.version,
            paused_at: maybe_from_at(row.paused_at),
            failing_since: maybe_from_at(row.failing_since),
            deleted_at: maybe_from_at(row.deleted_at),
            next_sync_at: maybe_from_at(row.next_sync_at),
            last_sync,
            last_succeeded_at: maybe_from_at(row.last_succeeded_at),
            created_at: from_sql_time(row.created_at),
            updated_at: from_sql_time(row.updated_at),
        })
    }
}

impl IntegrationRow {
    fn last_sync(&self) -> Result<Option<LastSync>, Error> {
        let Some(id) = self.last_sync_id else { return Ok(None) };
        let state = self.last_sync_state.as_deref().and_then(SyncState::from_name);
        Ok(Some(LastSync {
            id: SyncId(id),
            state: state.ok_or_else(|| Error::corrupt("syncs", "state"))?,
            finished_at: maybe_from_at(self.last_sync_finished_at),
        }))
    }
}

/// The integration as it is in this transaction.
pub(super) async fn reread(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    id: IntegrationId,
) -> Result<Integration, Error> {
    let sql = concat!(
        "/* store.reread_integration */ select ",
        integration_columns!(),
        " where i.organisation_id = $1 and i.id = $2"
    );
    let row: IntegrationRow =
        sqlx::query_as(sql).bind(organisation.as_str()).bind(id.0).fetch_one(connection).await?;
    row.try_into()
}

fn corrupt(column: &'static str) -> Error {
    Error::corrupt("integrations", column)
}
