//! Deletion: the secret is destroyed, syncs stop, everything else stays readable for 90 days.

use domain::history::HistoryStatus;
use domain::sync::{Failure, Stage, WhoMustAct};
use domain::{IntegrationId, OrganisationId};
use jiff::Timestamp;
use sqlx::PgConnection;

use crate::value::{at, json, readable_since, text};
use crate::{AuditEntry, Error, Store, audit};

/// The failure code of a sync that was stopped.
const CANCELLED: &str = "cancelled";

impl Store {
    /// Deletes; true also when it was deleted before (which changes nothing), false when it is not
    /// there.
    pub async fn delete_integration(
        &self,
        organisation: &OrganisationId,
        id: IntegrationId,
        now: Timestamp,
        audited: &AuditEntry,
    ) -> Result<bool, Error> {
        let mut tx = self.begin().await?;
        let sql = "/* store.delete_integration */
            update integrations set
                client_secret_sealed = null, next_sync_at = null, deleted_at = $3
            where organisation_id = $1 and id = $2 and deleted_at is null";
        let deleted = sqlx::query(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .bind(at(now))
            .execute(&mut *tx)
            .await?;
        if deleted.rows_affected() == 0 {
            return was_deleted_before(&mut tx, organisation, id, now).await;
        }
        cancel_syncs(&mut tx, organisation, id, now, &audited.actor_email).await?;
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

/// A worker that runs one of them finds its lease gone.
async fn cancel_syncs(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    id: IntegrationId,
    now: Timestamp,
    by: &str,
) -> Result<(), Error> {
    let message = text(&format!("Cancelled: {by} deleted the integration."));
    let failure = Failure {
        code: CANCELLED.to_owned(),
        who_must_act: WhoMustAct::Customer,
        message: message.clone(),
        retryable: false,
    };
    let sql = "/* store.delete_integration: cancel syncs */
        with stopped as (
            update syncs set
                state = 'cancelled', finished_at = $3, lease_token = null, lease_until = null,
                result = jsonb_set(result, '{failure}', $4)
            where organisation_id = $1 and integration_id = $2 and state in ('queued', 'running')
            returning organisation_id, id
        )
        update history_entries h set
            status = $5, stage = $6, error = $7, message = $8, last_completed_at = $3
        from stopped where h.organisation_id = stopped.organisation_id and h.sync_id = stopped.id";
    sqlx::query(sql)
        .bind(organisation.as_str())
        .bind(id.0)
        .bind(at(now))
        .bind(json(&failure)?)
        .bind(HistoryStatus::Failed.name())
        .bind(Stage::Failed.name())
        .bind(CANCELLED)
        .bind(message)
        .execute(connection)
        .await?;
    Ok(())
}
