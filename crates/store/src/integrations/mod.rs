//! Integrations. Changes are in `update.rs`, `promote.rs` and `delete.rs`, secrets in `secrets.rs`.

mod delete;
mod names;
mod promote;
mod row;
mod secrets;
mod update;

pub use promote::Promotion;
pub use secrets::{NextSecretPut, Secrets};
pub use update::{Update, UpdateOutcome};

pub(crate) use row::{IntegrationRow, integration_columns};
pub(crate) use secrets::{CURRENT, NEXT, SealedIntegration, TABLE};

use domain::history::HistoryEntry;
use domain::integration::Integration;
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::convert::{json, readable_since, to_sql_time, to_sql_time_opt};
use crate::{AuditEntry, Error, Page, PageQuery, Store, audit, history};
use secrets::SecretOwner;

impl Store {
    /// Inserts an integration with its secret, its first history entry and the audit event. `last_sync`,
    /// `next_secret` and `deleted_at` are ignored.
    pub async fn insert_integration(
        &self,
        integration: &Integration,
        secret: &SecretString,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<(), Error> {
        let outcome = self.try_insert_integration(integration, secret, entry, audited).await;
        self.naming_the_taker(outcome, integration.into()).await
    }

    async fn try_insert_integration(
        &self,
        integration: &Integration,
        secret: &SecretString,
        entry: &HistoryEntry,
        audited: &AuditEntry,
    ) -> Result<(), Error> {
        let mut tx = self.begin_for(&integration.organisation_id).await?;
        let sql = "/* store.insert_integration */
            insert into integrations
                (organisation_id, id, name, api_identifier, api_audience, tenant_domain, client_id,
                 client_secret_sealed, client_secret_updated_at, client_secret_expires_at,
                 asset_name, auto_sync_frequency, enabled, version, paused_at, failing_since,
                 next_sync_at, last_succeeded_at, created_at, updated_at, asset_name_key)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                    $18, $19, $20, $21)";
        let settings = &integration.settings;
        sqlx::query(sql)
            .bind(integration.organisation_id.as_str())
            .bind(integration.id.0)
            .bind(&settings.name)
            .bind(settings.api_identifier.as_str())
            .bind(settings.api_audience.as_str())
            .bind(settings.api_audience.domain())
            .bind(&settings.client_id)
            .bind(SecretOwner::from(integration).seal_current(self.keys(), secret))
            .bind(to_sql_time(integration.client_secret_updated_at))
            .bind(to_sql_time_opt(settings.client_secret_expires_at))
            .bind(&settings.asset_name)
            .bind(json(&settings.auto_sync_frequency.to_json())?)
            .bind(settings.enabled)
            .bind(integration.version)
            .bind(to_sql_time_opt(integration.paused_at))
            .bind(to_sql_time_opt(integration.failing_since))
            .bind(to_sql_time_opt(integration.next_sync_at))
            .bind(to_sql_time_opt(integration.last_succeeded_at))
            .bind(to_sql_time(integration.created_at))
            .bind(to_sql_time(integration.updated_at))
            .bind(settings.asset_name_key())
            .execute(&mut *tx)
            .await?;
        history::insert(&mut tx, entry).await?;
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the organisation has at least so many undeleted integrations.
    pub async fn has_integrations(
        &self,
        organisation: &OrganisationId,
        count: u32,
    ) -> Result<bool, Error> {
        let sql = "/* store.has_integrations */
            select count(*) >= $2 from (
                select from integrations where organisation_id = $1 and deleted_at is null limit $2
            ) counted";
        let mut tx = self.begin_for(organisation).await?;
        let query = sqlx::query_scalar(sql).bind(organisation.as_str()).bind(i64::from(count));
        Ok(query.fetch_one(&mut *tx).await?)
    }

    /// Also if deleted within the last 90 days.
    pub async fn find_integration(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
        now: Timestamp,
    ) -> Result<Option<Integration>, Error> {
        let sql = concat!(
            "/* store.find_integration */ select ",
            integration_columns!(),
            " where i.organisation_id = $1 and i.id = $2
                and (i.deleted_at is null or i.deleted_at > $3)"
        );
        let query = sqlx::query_as::<_, IntegrationRow>(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(readable_since(now));
        self.find(organisation, query).await
    }

    /// Undeleted integrations, oldest first.
    pub async fn list_integrations(
        &self,
        organisation: &OrganisationId,
        slice: PageQuery<IntegrationId>,
    ) -> Result<Page<Integration>, Error> {
        let sql = concat!(
            "/* store.list_integrations */ select ",
            integration_columns!(),
            " where i.organisation_id = $1 and i.deleted_at is null
                and i.id > $2
              order by i.id limit $3"
        );
        let query = sqlx::query_as::<_, IntegrationRow>(sql)
            .bind(organisation.as_str())
            .bind(slice.after.map_or(uuid::Uuid::nil(), |id| id.0))
            .bind(slice.limit_plus_one());
        self.find_page(organisation, query, slice.limit).await
    }
}
