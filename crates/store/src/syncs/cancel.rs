//! Ends syncs: those that a user cancels, and those whose workers failed repeatedly. A worker that still runs one
//! loses its lease.

use domain::history::HistoryStatus;
use domain::sync::{Failure, Stage, SyncState, WhoMustAct};
use domain::{OrganisationId, SyncId};
use jiff::Timestamp;

use crate::convert::{int, json, to_sql_time};
use crate::sync_cancellation::{CancelTarget, cancel};
use crate::{AuditEntry, CrossOrganisation, Error, Store, audit};

impl Store {
    /// Cancels a sync if it is queued or running. Returns its previous state. None: there is no such sync.
    pub async fn cancel_sync(
        &self,
        organisation: &OrganisationId,
        id: SyncId,
        now: Timestamp,
        audited: &AuditEntry,
    ) -> Result<Option<SyncState>, Error> {
        let mut tx = self.begin_for(organisation).await?;
        let sql = "/* store.cancel_sync */
            select state from syncs where organisation_id = $1 and id = $2 for update";
        let state: Option<String> = sqlx::query_scalar(sql)
            .bind(organisation.as_str())
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(state) = state else { return Ok(None) };
        let state = SyncState::from_name(&state).ok_or_else(|| Error::corrupt("syncs", "state"))?;
        if !state.is_over() {
            let why = format!("Cancelled by {}.", audited.actor_email);
            cancel(&mut tx, organisation, &CancelTarget::Sync(id), now, &why).await?;
            audit::insert(&mut tx, audited).await?;
            tx.commit().await?;
        }
        Ok(Some(state))
    }

    /// Fails running syncs whose lease expired after `attempts` attempts, or that started before `since`. Returns
    /// their number.
    pub async fn fail_overdue_syncs(
        &self,
        now: Timestamp,
        attempts: u32,
        since: Timestamp,
    ) -> Result<u64, Error> {
        let failure = Failure {
            code: "deadline_exceeded".to_owned(),
            who_must_act: WhoMustAct::Safe,
            message: "The sync was begun several times and never came to its end.".to_owned(),
            retryable: true,
        };
        let sql = "/* store.fail_overdue_syncs */
            with overdue as (
                select organisation_id, id from syncs
                where state = 'running' and lease_until <= $1
                    and (attempts >= $2 or started_at <= $3)
                for update skip locked
            ), ended as (
                update syncs s set
                    state = 'failed', finished_at = $1, lease_token = null, lease_until = null,
                    result = jsonb_set(result, '{failure}', $4)
                from overdue where s.organisation_id = overdue.organisation_id and s.id = overdue.id
                returning s.organisation_id, s.id, s.integration_id
            ), failing as (
                update integrations i set failing_since = coalesce(i.failing_since, $1)
                from ended
                where i.organisation_id = ended.organisation_id and i.id = ended.integration_id
            )
            update history_entries h set
                status = $5, stage = $6, error = $7, message = $8, last_completed_at = $1
            from ended where h.organisation_id = ended.organisation_id and h.sync_id = ended.id";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::GivingUp).await?;
        let ended = sqlx::query(sql)
            .bind(to_sql_time(now))
            .bind(int(attempts))
            .bind(to_sql_time(since))
            .bind(json(&failure)?)
            .bind(HistoryStatus::Failed.name())
            .bind(Stage::Failed.name())
            .bind(&failure.code)
            .bind(&failure.message)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(ended.rows_affected())
    }
}
