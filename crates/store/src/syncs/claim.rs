//! Taking a sync to run it, with a lease: of two workers only one gets it, and when a worker dies
//! the next one takes over after the lease has run out.

use domain::history::HistoryStatus;
use domain::integration::Integration;
use domain::sync::{Stage, Sync};
use domain::tenant::RateLimitSnapshot;
use jiff::{SignedDuration, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

use super::notify;
use super::row::{SyncRow, sync_columns};
use crate::convert::{SqlTimestamp, maybe_from_at, to_sql_time};
use crate::integrations::{SealedIntegration, Secrets, integration_columns};
use crate::{CrossOrganisation, Error, Store};

/// Names the lock under which syncs are handed out, among Postgres' advisory locks.
const CLAIM_LOCK: i64 = 0x5AFE_0000_0000_0001;
/// Shown in the history while a worker has it.
const RUNNING: &str = "The sync is running.";
/// Shown in the history when a worker had to stop.
const RELEASED: &str = "The sync waits for another worker.";

/// A sync to run, and the configuration as it was when it was taken.
#[derive(Debug)]
pub struct Claim {
    /// Running.
    pub sync: Sync,
    /// Of this integration.
    pub integration: Integration,
    /// When the one in use does not open the sync is to be failed for that.
    pub secrets: Secrets,
    /// Needed to extend the lease and to finish.
    pub lease_token: Uuid,
    /// Another worker may take it from then on.
    pub lease_until: Timestamp,
    /// What earlier syncs learned about the tenant's rate limit.
    pub pace: RateLimitSnapshot,
    /// The id of the request that asked for the sync; none when it was scheduled.
    pub request_id: Option<String>,
}

/// By which syncs are handed out.
#[derive(Debug, Clone, Copy)]
pub struct ClaimRules {
    /// How long a worker may be silent.
    pub lease: SignedDuration,
    /// Syncs of one organisation that run at once, on all replicas together.
    pub per_organisation: u32,
    /// Syncs of one Auth0 tenant that run at once, on all replicas together: they share its rate
    /// limit, whichever organisations they belong to.
    pub per_tenant: u32,
}

#[derive(sqlx::FromRow)]
struct ClaimedIntegration {
    #[sqlx(flatten)]
    sealed: SealedIntegration,
    bucket_size: Option<i32>,
    closed_until: Option<SqlTimestamp>,
    request_id: Option<String>,
}

impl Store {
    /// Takes a sync that is queued, or running under a lease that has run out: of the organisation
    /// with the fewest running ones, the one that has waited longest. Organisations and tenants at
    /// their cap wait and hold nobody up. One that cannot be read is `Corrupt`, and keeps its lease, so that it holds nobody up.
    pub async fn claim_sync(
        &self,
        now: Timestamp,
        rules: &ClaimRules,
        lease_token: Uuid,
    ) -> Result<Option<Claim>, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Claiming).await?;
        // Counting and taking have to be one step, or two replicas would both see room.
        sqlx::query("/* store.claim_sync: one at a time */ select pg_advisory_xact_lock($1)")
            .bind(CLAIM_LOCK)
            .execute(&mut *tx)
            .await?;
        let lease_until = now.checked_add(rules.lease).map_err(Error::other)?;
        let Some(sync) = claim_next(&mut tx, now, rules, lease_token, lease_until).await? else {
            return Ok(None);
        };
        let sql = concat!(
            "/* store.claim_sync: integration */
            select i.client_secret_sealed, i.next_client_secret_sealed, pace.bucket_size, pace.closed_until,
                (select s.request_id from syncs s where s.organisation_id = $1 and s.id = $3) as request_id, ",
            integration_columns!(),
            " left join tenant_paces pace on pace.tenant_domain = i.tenant_domain
            where i.organisation_id = $1 and i.id = $2"
        );
        let claimed: ClaimedIntegration = sqlx::query_as(sql)
            .bind(&sync.organisation_id)
            .bind(sync.integration_id)
            .bind(sync.id)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        let pace = RateLimitSnapshot {
            bucket_size: claimed.bucket_size.and_then(|size| u32::try_from(size).ok()),
            closed_until: maybe_from_at(claimed.closed_until),
        };
        let (integration, secrets) = claimed.sealed.open(self.keys())?;
        let sync = sync.try_into()?;
        Ok(Some(Claim {
            sync,
            integration,
            secrets,
            lease_token,
            lease_until,
            pace,
            request_id: claimed.request_id,
        }))
    }

    /// Keeps these syncs for longer, all in one statement. Those not among the answers were taken
    /// over, finished or cancelled: whoever runs them stops.
    pub async fn extend_leases(
        &self,
        lease_tokens: &[Uuid],
        until: Timestamp,
    ) -> Result<Vec<Uuid>, Error> {
        let sql = "/* store.extend_leases */
            update syncs set lease_until = $2
            where lease_token = any($1) and state = 'running' returning lease_token";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Leasing).await?;
        let kept = sqlx::query_scalar(sql)
            .bind(lease_tokens)
            .bind(to_sql_time(until))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Hands a sync back to the queue, for a worker that has to stop. False: it was not its any more.
    pub async fn release_sync(&self, lease_token: Uuid) -> Result<bool, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Leasing).await?;
        let sql = "/* store.release_sync */
            with released as (
                update syncs set state = 'queued', lease_token = null, lease_until = null
                where lease_token = $1 and state = 'running'
                returning organisation_id, id
            )
            update history_entries h set stage = $2, message = $3
            from released
            where h.organisation_id = released.organisation_id and h.sync_id = released.id";
        let released = sqlx::query(sql)
            .bind(lease_token)
            .bind(Stage::Started.name())
            .bind(RELEASED)
            .execute(&mut *tx)
            .await?;
        notify(&mut tx).await?;
        tx.commit().await?;
        Ok(released.rows_affected() > 0)
    }
}

async fn claim_next(
    connection: &mut PgConnection,
    now: Timestamp,
    rules: &ClaimRules,
    lease_token: Uuid,
    lease_until: Timestamp,
) -> Result<Option<SyncRow>, Error> {
    let sql = concat!(
        "/* store.claim_sync */
        with running as materialized (
            select r.organisation_id, r.tenant_domain from syncs r
            where r.state = 'running' and r.lease_until > $1
        ), busy as materialized (
            select organisation_id, count(*) as syncs from running group by organisation_id
        ), candidate as (
            select c.organisation_id, c.id from syncs c
            left join busy on busy.organisation_id = c.organisation_id
            where (c.state = 'queued' and c.not_before <= $1
                    or c.state = 'running' and c.lease_until <= $1)
                and coalesce(busy.syncs, 0) < $7
                and c.tenant_domain not in (
                    select tenant_domain from running group by tenant_domain having count(*) >= $8
                )
            order by coalesce(busy.syncs, 0), c.not_before, c.id limit 1
            for update of c skip locked
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
        .bind(to_sql_time(now))
        .bind(lease_token)
        .bind(to_sql_time(lease_until))
        .bind(HistoryStatus::InProgress.name())
        .bind(Stage::InProgress.name())
        .bind(RUNNING)
        .bind(i64::from(rules.per_organisation))
        .bind(i64::from(rules.per_tenant))
        .fetch_optional(connection)
        .await?;
    Ok(row)
}
