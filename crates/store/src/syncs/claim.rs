//! Claims syncs under leases: only one worker gets a sync, and when a worker dies, another one claims its syncs after
//! the leases have expired. The cost of a claim does not depend on the length of the queue.

mod statement;

use domain::integration::Integration;
use domain::sync::{Stage, Sync};
use domain::tenant::RateLimitSnapshot;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::row::SyncRow;
use super::{EVERYONE, notify};
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, to_sql_time};
use crate::integrations::{SealedIntegration, Secrets, integration_columns};
use crate::{CrossOrganisation, Error, Store};

/// The advisory lock of claims.
const CLAIM_LOCK: i64 = 0x5AFE_0000_0000_0001;
/// Shown in the history when a worker stopped before the end of the sync.
const RELEASED: &str = "The sync waits for another worker.";

/// A claimed sync, and its configuration at the time of the claim.
#[derive(Debug)]
pub struct Claim {
    pub sync: Sync,
    pub integration: Integration,
    /// If the current one cannot be decrypted, the sync fails.
    pub secrets: Secrets,
    /// Needed to renew the lease and to finish.
    pub lease_token: Uuid,
    /// Another worker may claim it from then on.
    pub lease_until: Timestamp,
    /// The state of the tenant's rate limit, as earlier syncs saved it.
    pub pace: RateLimitSnapshot,
    /// Id of the request that started the sync. None: scheduled.
    pub request_id: Option<String>,
}

/// What a worker claimed at once.
#[derive(Debug)]
pub struct Claims {
    /// A sync that cannot be read is `Corrupt`.
    pub claims: Vec<Result<Claim, Error>>,
    /// Whether syncs may be waiting for a slot, or for another sync of their organisation or tenant to end.
    pub has_more: bool,
}

/// Limits on claims.
#[derive(Debug, Clone, Copy)]
pub struct ClaimRules {
    /// Duration of a lease.
    pub lease: SignedDuration,
    /// Concurrent syncs of one organisation, on all replicas together.
    pub per_organisation: u32,
    /// Concurrent syncs of one Auth0 tenant, on all replicas and in all organisations together: they share its rate
    /// limit.
    pub per_tenant: u32,
    /// A sync that this many workers attempted is not claimed again.
    pub attempts: u32,
    /// A sync that started at this instant or earlier is not claimed again.
    pub started_after: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ClaimedSync {
    #[sqlx(flatten)]
    sync: SyncRow,
    lease_token: Uuid,
    request_id: Option<String>,
    visited_to: String,
    has_more: bool,
}

#[derive(sqlx::FromRow)]
struct ClaimedIntegration {
    #[sqlx(flatten)]
    sealed: SealedIntegration,
    bucket_size: Option<i32>,
    closed_until: Option<SqlTimestamp>,
}

impl Store {
    /// Claims a sync for each of these lease tokens, if there are enough: queued ones, and running ones whose lease
    /// has expired. Organisations with the fewest running syncs come first, then the longest wait. Organisations and
    /// tenants at their limit block nobody else. A sync that cannot be read is `Corrupt` and keeps its lease, so it
    /// blocks nothing.
    pub async fn claim_syncs(
        &self,
        now: Timestamp,
        rules: &ClaimRules,
        lease_tokens: &[Uuid],
    ) -> Result<Claims, Error> {
        // Counting and claiming are one step, or two replicas could exceed a limit together.
        let mut tx = self.begin_locked(CrossOrganisation::Claiming, CLAIM_LOCK).await?;
        let lease_until = now.checked_add(rules.lease).map_err(Error::other)?;
        let visited_to = self.claims_visited_to();
        let arguments = statement::arguments(now, rules, lease_tokens, lease_until, &visited_to)?;
        let claimed: Vec<ClaimedSync> =
            sqlx::query_as_with(statement::CLAIM, arguments).fetch_all(&mut *tx).await?;
        let Some(first) = claimed.first() else {
            return Ok(Claims { claims: Vec::new(), has_more: true });
        };
        let has_more = first.has_more;
        self.visit_claims_after(first.visited_to.clone());
        let integrations = claimed_integrations(&mut tx, &claimed).await?;
        tx.commit().await?;
        let open = |(claimed, of): (ClaimedSync, ClaimedIntegration)| {
            let (integration, secrets) = of.sealed.open(self.keys())?;
            Ok(Claim {
                sync: claimed.sync.try_into()?,
                integration,
                secrets,
                lease_token: claimed.lease_token,
                lease_until,
                pace: RateLimitSnapshot {
                    bucket_size: of.bucket_size.and_then(|size| u32::try_from(size).ok()),
                    closed_until: maybe_from_at(of.closed_until),
                },
                request_id: claimed.request_id,
            })
        };
        let claims = claimed.into_iter().zip(integrations).map(open).collect();
        Ok(Claims { claims, has_more })
    }

    /// The plan of a claim after it was run and rolled back, as `EXPLAIN (ANALYZE, FORMAT JSON)` gives it. For tests.
    pub async fn explain_claim(
        &self,
        now: Timestamp,
        rules: &ClaimRules,
        lease_tokens: &[Uuid],
    ) -> Result<Value, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Claiming).await?;
        let sql = format!("explain (analyze, timing off, format json) {}", statement::CLAIM);
        let lease_until = now.checked_add(rules.lease).map_err(Error::other)?;
        let arguments = statement::arguments(now, rules, lease_tokens, lease_until, "")?;
        let plan =
            sqlx::query_scalar_with(AssertSqlSafe(sql), arguments).fetch_one(&mut *tx).await?;
        tx.rollback().await?;
        Ok(plan)
    }

    /// The ends of these leases, after those that would end before `renew_before` are extended to `until`. One statement,
    /// which writes nothing if none is extended. Those missing from the result were claimed by another worker, finished
    /// or cancelled.
    pub async fn extend_leases(
        &self,
        lease_tokens: &[Uuid],
        renew_before: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(Uuid, Timestamp)>, Error> {
        let sql = "/* store.extend_leases */
            with extended as (
                update syncs set lease_until = $3
                where lease_token = any($1) and state = 'running' and lease_until < $2
                returning lease_token, lease_until
            )
            select lease_token, lease_until from extended
            union all
            select lease_token, lease_until from syncs
            where lease_token = any($1) and state = 'running' and lease_until >= $2";
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Leasing).await?;
        let held: Vec<(Uuid, SqlTimestamp)> = sqlx::query_as(sql)
            .bind(lease_tokens)
            .bind(to_sql_time(renew_before))
            .bind(to_sql_time(until))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(held.into_iter().map(|(token, until)| (token, from_sql_time(until))).collect())
    }

    /// Returns a sync to the queue, for a worker that stops. False: the lease was lost.
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
        notify(&mut tx, EVERYONE).await?;
        tx.commit().await?;
        Ok(released.rows_affected() > 0)
    }
}

/// In the order of the syncs; each has one, by its foreign key. What another organisation reported of the origin holds
/// for five minutes only: its credentials may have limits of their own.
async fn claimed_integrations(
    connection: &mut PgConnection,
    claimed: &[ClaimedSync],
) -> Result<Vec<ClaimedIntegration>, Error> {
    let sql = concat!(
        "/* store.claim_syncs: integrations */
        select i.client_secret_sealed, i.next_client_secret_sealed, pace.bucket_size, pace.closed_until, ",
        integration_columns!(),
        " join unnest($1::text[], $2::uuid[]) with ordinality claimed (organisation_id, id, number)
            on claimed.organisation_id = i.organisation_id and claimed.id = i.id
        left join lateral (
            select max(case when p.reported_by = i.organisation_id then p.closed_until
                    -- Without it, least would be the other time.
                    when p.closed_until is not null
                        then least(p.closed_until, p.updated_at + interval '5 minutes') end)
                    as closed_until,
                (array_agg(p.bucket_size
                    order by p.reported_by = i.organisation_id desc, p.updated_at desc)
                    filter (where p.bucket_size is not null))[1] as bucket_size
            from origin_paces p where p.api_identifier = i.api_identifier
        ) pace on true
        order by claimed.number"
    );
    let organisations: Vec<_> = claimed.iter().map(|c| c.sync.organisation_id.clone()).collect();
    let ids: Vec<_> = claimed.iter().map(|claimed| claimed.sync.integration_id).collect();
    Ok(sqlx::query_as(sql).bind(organisations).bind(ids).fetch_all(connection).await?)
}
