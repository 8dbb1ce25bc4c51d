//! Deletes integrations: destroys the secrets and cancels syncs. All else stays readable for 90 days.

use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::convert::{readable_since, to_sql_time};
use crate::sync_cancellation::{CancelTarget, cancel};
use crate::{AuditEntry, Error, Store, audit};

impl Store {
    /// True also if it was already deleted, which changes nothing. False: it does not exist.
    pub async fn delete_integration(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
        now: Timestamp,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let sql = "/* store.delete_integration */
            update integrations set
                client_secret_sealed = null, next_client_secret_sealed = null,
                next_client_secret_expires_at = null, next_sync_at = null, deleted_at = $3
            where organisation_id = $1 and id = $2 and deleted_at is null";
        let deleted = sqlx::query(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(to_sql_time(now))
            .execute(&mut *tx)
            .await?;
        if deleted.rows_affected() == 0 {
            return was_deleted_before(&mut tx, organisation, id, now).await;
        }
        let why = format!("Cancelled: {} deleted the integration.", audited.actor_email);
        cancel(&mut tx, organisation, &CancelTarget::Integration(id), now, &why).await?;
        audit::insert(&mut tx, audited).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn was_deleted_before(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    id: IntegrationId,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "/* store.delete_integration: again */
        select exists (
            select from integrations where organisation_id = $1 and id = $2 and deleted_at > $3
        )";
    let exists = sqlx::query_scalar(sql)
        .bind(organisation.as_str())
        .bind(id.0)
        .bind(readable_since(now))
        .fetch_one(connection)
        .await?;
    Ok(exists)
}
