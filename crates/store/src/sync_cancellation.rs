//! Cancels active syncs in a transaction: one that a user cancels, or those of an integration that is deleted or
//! disabled.

use domain::history::HistoryStatus;
use domain::sync::{Failure, Stage, WhoMustAct};
use domain::{IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;
use crate::convert::{json, text, to_sql_time};
use crate::notifications::CHANNEL;

/// Failure code of a cancelled sync.
const CANCELLED: &str = "cancelled";

pub(crate) enum CancelTarget {
    Sync(SyncId),
    /// All syncs of the integration.
    Integration(IntegrationId),
}

/// Cancels active syncs in this transaction, and notifies the workers on commit.
pub(crate) async fn cancel(
    connection: &mut PgConnection,
    organisation: &OrganisationId,
    which: &CancelTarget,
    now: Timestamp,
    why: &str,
) -> Result<(), Error> {
    let (sync, integration): (Option<Uuid>, Option<Uuid>) = match which {
        CancelTarget::Sync(id) => (Some(id.0), None),
        CancelTarget::Integration(id) => (None, Some(id.0)),
    };
    let message = text(why);
    let failure = Failure {
        code: CANCELLED.to_owned(),
        who_must_act: WhoMustAct::Customer,
        message: message.clone(),
        retryable: false,
    };
    let sql = "/* store.cancel */
        with stopped as (
            update syncs set
                state = 'cancelled', finished_at = $4, lease_token = null, lease_until = null,
                result = jsonb_set(result, '{failure}', $5)
            where organisation_id = $1 and state in ('queued', 'running')
                and (id = $2 or integration_id = $3)
            returning organisation_id, id
        ), shown as (
            update history_entries h set
                status = $6, stage = $7, error = $8, message = $9, last_completed_at = $4
            from stopped
            where h.organisation_id = stopped.organisation_id and h.sync_id = stopped.id
        )
        select pg_notify($10, '') from stopped";
    sqlx::query(sql)
        .bind(organisation.as_str())
        .bind(sync)
        .bind(integration)
        .bind(to_sql_time(now))
        .bind(json(&failure)?)
        .bind(HistoryStatus::Failed.name())
        .bind(Stage::Failed.name())
        .bind(CANCELLED)
        .bind(message)
        .bind(CHANNEL)
        .execute(connection)
        .await?;
    Ok(())
}
