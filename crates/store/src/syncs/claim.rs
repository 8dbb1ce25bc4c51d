//! Taking a sync to run it, with a lease: of two workers only one gets it, and when a worker dies
//! the next one takes over after the lease has run out.

use domain::SyncId;
use domain::history::HistoryStatus;
use domain::integration::Integration;
use domain::sync::{Stage, Sync};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sqlx::PgConnection;
use uuid::Uuid;

use super::row::{SyncRow, sync_columns};
use crate::integrations::{IntegrationRow, integration_columns, open_secret};
use crate::value::at;
use crate::{Error, Store};

/// Shown in the history while a worker has it.
const RUNNING: &str = "The sync is running.";

/// A sync to run, and the configuration as it was when it was taken.
#[derive(Debug)]
pub struct Claim {
    /// Running.
    pub sync: Sync,
    /// Of this integration.
    pub integration: Integration,
    /// `CredentialsUnreadable` when no key opens it: the sync is to be failed for that.
    pub secret: Result<SecretString, Error>,
    /// Needed to extend the lease and to finish.
    pub lease_token: Uuid,
}

#[derive(sqlx::FromRow)]
struct ClaimedIntegration {
    #[sqlx(flatten)]
    integration: IntegrationRow,
    client_secret_sealed: Option<Vec<u8>>,
}

impl Store {
    /// Takes the sync that has waited longest: queued, or running under a lease that has run out.
    /// One that cannot be read is `Corrupt`, and keeps its lease, so that it holds nobody up.
    pub async fn claim_sync(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        lease_token: Uuid,
    ) -> Result<Option<Claim>, Error> {
        let lease_until = now.checked_add(lease).map_err(Error::other)?;
        let mut tx = self.begin().await?;
        let Some(sync) = take(&mut tx, now, lease_until, lease_token).await? else {
            return Ok(None);
        };
        let sql = concat!(
            "/* store.claim_sync: integration */ select i.client_secret_sealed, ",
            integration_columns!(),
            " where i.organisation_id = $1 and i.id = $2"
        );
        let claimed: ClaimedIntegration = sqlx::query_as(sql)
            .bind(&sync.organisation_id)
            .bind(sync.integration_id)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        let integration = Integration::try_from(claimed.integration)?;
        let sealed = claimed.client_secret_sealed.as_deref();
        let secret = open_secret(self.keys(), integration.id, sealed);
        Ok(Some(Claim { sync: sync.try_into()?, integration, secret, lease_token }))
    }

    /// Keeps the sync for longer. False: it was taken over, finished or cancelled.
    pub async fn extend_lease(
        &self,
        sync_id: SyncId,
        lease_token: Uuid,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "/* store.extend_lease */
            update syncs set lease_until = $3
            where lease_token = $2 and id = $1 and state = 'running'";
        let extended = sqlx::query(sql)
            .bind(sync_id.0)
            .bind(lease_token)
            .bind(at(until))
            .execute(self.pool())
            .await?;
        Ok(extended.rows_affected() == 1)
    }
}

async fn take(
    connection: &mut PgConnection,
    now: Timestamp,
    lease_until: Timestamp,
    lease_token: Uuid,
) -> Result<Option<SyncRow>, Error> {
    let sql = concat!(
        "/* store.claim_sync */
        with candidate as (
            select c.organisation_id, c.id from syncs c
            where c.state in ('queued', 'running')
                and (c.state = 'queued' or c.lease_until <= $1)
            order by c.queued_at, c.id limit 1
            for update skip locked
        ), claimed as (
            update syncs s set
                state = 'running', attempts = s.attempts + 1,
                started_at = coalesce(s.started_at, $1), lease_token = $2, lease_until = $3
            from candidate
            where s.organisation_id = candidate.organisation_id and s.id = candidate.id
            returning s.*
        ), shown as (
            update history_entries h set status = $4, stage = $5, message = $6
            from claimed
            where h.organisation_id = claimed.organisation_id and h.sync_id = claimed.id
        )
        select ",
        sync_columns!(),
        " from claimed s"
    );
    let row = sqlx::query_as(sql)
        .bind(at(now))
        .bind(lease_token)
        .bind(at(lease_until))
        .bind(HistoryStatus::InProgress.name())
        .bind(Stage::InProgress.name())
        .bind(RUNNING)
        .fetch_optional(connection)
        .await?;
    Ok(row)
}
