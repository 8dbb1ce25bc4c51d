//! Writes the end of a sync and everything it found, in one short transaction that first checks that the worker still
//! holds the lease. A constant number of statements, however many findings.

mod health;

use domain::address::TenantAddress;
use domain::health::{Health, HealthChange};
use domain::history::HistoryStatus;
use domain::reconcile::Changes;
use domain::sync::{SyncResult, SyncState};
use domain::tenant::RateLimitSnapshot;
use domain::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Progress, events};
use crate::convert::{SqlTimestamp, int, json, text, to_sql_time, to_sql_time_opt};
use crate::error::lost_a_race;
use crate::transaction::Tx;
use crate::{Asset, Error, NewEvaluation, Store, assets, findings, judgements};

/// How often the transaction runs when it loses against another one.
const ATTEMPTS_MAX: u32 = 4;

/// The end of a sync.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    pub org: &'a OrganisationId,
    pub integration_id: IntegrationId,
    pub sync_id: SyncId,
    /// Of the claim.
    pub lease_token: Uuid,
    /// Succeeded, failed or cancelled.
    pub state: SyncState,
    /// Its failure's code is the error of the history entry.
    pub result: &'a SyncResult,
    pub finished_at: Timestamp,
    /// For the history.
    pub message: &'a str,
    /// None leaves the asset as it is.
    pub asset: Option<&'a Asset>,
    /// None leaves the findings as they are.
    pub reconciled: Option<&'a Changes>,
    /// The evaluation to keep, together with the asset.
    pub keep: Option<&'a NewEvaluation>,
    /// Progress that is not recorded yet.
    pub events: &'a [Progress],
    /// For the history.
    pub history_details: &'a Value,
    /// The state of the rate limit at the API Identifier that was called; none when the tenant was not reached.
    pub pace: Option<(&'a TenantAddress, RateLimitSnapshot)>,
    /// The id of the history entry of a warning, a pause or a resumption.
    pub health_entry_id: HistoryEntryId,
    /// The message of that entry.
    pub health_message: fn(HealthChange) -> &'static str,
}

impl Store {
    /// Applies the end of a sync. False: the lease was lost or the integration deleted, and nothing was written.
    pub async fn finish_sync(&self, finish: Finish<'_>) -> Result<bool, Error> {
        let mut attempts = 1;
        loop {
            let outcome = self.try_finish_sync(&finish).await;
            match outcome {
                Err(error) if lost_a_race(&error) && attempts < ATTEMPTS_MAX => attempts += 1,
                outcome => return outcome,
            }
        }
    }

    async fn try_finish_sync(&self, finish: &Finish<'_>) -> Result<bool, Error> {
        if !finish.state.is_over() {
            return Err(Error::other("a sync can only be finished with a state that is over"));
        }
        let mut tx = self.begin_pacing_for(finish.org).await?;
        let Some(integration) = lock_integration(&mut tx, finish).await? else { return Ok(false) };
        if !finish.events.is_empty() {
            events::insert(
                &mut tx,
                finish.org,
                finish.lease_token,
                finish.finished_at,
                finish.events,
            )
            .await?;
        }
        let health = health::after(finish, &integration)?;
        if !end_sync(&mut tx, finish, health.map(|(health, _)| health)).await? {
            return Ok(false);
        }
        if let Some(asset) = finish.asset {
            assets::upsert(&mut tx, asset, finish.reconciled).await?;
        }
        if let Some(reconciled) = finish.reconciled {
            let evaluated_at = finish.asset.map(|asset| asset.evaluated_at);
            findings::apply(&mut tx, finish.org, reconciled, evaluated_at).await?;
        }
        if let Some(keep) = finish.keep {
            let of = (finish.integration_id, finish.sync_id);
            judgements::insert(&mut tx, finish.org, of, keep, finish.result).await?;
        }
        if let Some((_, Some(change))) = health {
            health::insert_entry(&mut tx, finish, change).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

#[derive(sqlx::FromRow)]
struct LockedRow {
    auto_sync_frequency: Value,
    enabled: bool,
    next_sync_at: Option<SqlTimestamp>,
    failing_since: Option<SqlTimestamp>,
    failing_warned_at: Option<SqlTimestamp>,
    paused_at: Option<SqlTimestamp>,
}

/// Locks the integration before the sync, in the same order as changing and deleting it, so that these do not deadlock.
/// Failing overdue syncs locks in the other order; the transaction that loses against it runs again.
async fn lock_integration(tx: &mut Tx, finish: &Finish<'_>) -> Result<Option<LockedRow>, Error> {
    let sql = "/* store.finish_sync: integration */
        select auto_sync_frequency, enabled, next_sync_at, failing_since, failing_warned_at,
            paused_at
        from integrations
        where organisation_id = $1 and id = $2 and deleted_at is null for no key update";
    let row = sqlx::query_as(sql)
        .bind(finish.org.as_str())
        .bind(finish.integration_id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row)
}

/// Ends the sync and its history entry, and stores the health of the integration and the state of the tenant's rate
/// limit. False: the lease was lost.
async fn end_sync(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    health: Option<Health>,
) -> Result<bool, Error> {
    let status = match finish.state {
        SyncState::Succeeded => HistoryStatus::Success,
        _ => HistoryStatus::Failed,
    };
    let sql = "/* store.finish_sync */
        with ended as (
            update syncs set
                state = $5, result = $6, finished_at = $7, lease_token = null, lease_until = null
            where organisation_id = $1 and id = $2 and integration_id = $3 and lease_token = $4
                and state = 'running'
            returning organisation_id, id
        ), shown as (
            update history_entries h set
                status = $8, stage = $9, error = $10, message = $11, last_completed_at = $7, details = $12
            from ended where h.organisation_id = ended.organisation_id and h.sync_id = ended.id
        ), paced as (
            insert into origin_paces
                (api_identifier, reported_by, bucket_size, closed_until, updated_at)
            select $13, organisation_id, $14, $15, $7 from ended where $13 is not null
            on conflict (api_identifier, reported_by) do update set
                bucket_size = coalesce(excluded.bucket_size, origin_paces.bucket_size),
                closed_until = excluded.closed_until, updated_at = excluded.updated_at
        ), healthy as (
            update integrations i set
                last_succeeded_at = coalesce($17, last_succeeded_at), failing_since = $18,
                failing_warned_at = $19, paused_at = $20, next_sync_at = $21
            from ended where $16 and i.organisation_id = ended.organisation_id and i.id = $3
        )
        select count(*) from ended";
    let (origin, pace) = finish.pace.unzip();
    let succeeded_at = (finish.state == SyncState::Succeeded).then_some(finish.finished_at);
    let bucket_size = pace.and_then(|pace| pace.bucket_size).filter(|size| *size > 0);
    let ended: i64 = sqlx::query_scalar(sql)
        .bind(finish.org.as_str())
        .bind(finish.sync_id.0)
        .bind(finish.integration_id.0)
        .bind(finish.lease_token)
        .bind(finish.state.name())
        .bind(json(finish.result)?)
        .bind(to_sql_time(finish.finished_at))
        .bind(status.name())
        .bind(finish.state.stage().name())
        .bind(finish.result.failure.as_ref().map(|failure| text(&failure.code)))
        .bind(text(finish.message))
        .bind(json(finish.history_details)?)
        .bind(origin.map(TenantAddress::as_str))
        .bind(bucket_size.map(int))
        .bind(to_sql_time_opt(pace.and_then(|pace| pace.closed_until)))
        .bind(health.is_some())
        .bind(to_sql_time_opt(succeeded_at))
        .bind(to_sql_time_opt(health.and_then(|health| health.failing_since)))
        .bind(to_sql_time_opt(health.and_then(|health| health.warned_at)))
        .bind(to_sql_time_opt(health.and_then(|health| health.paused_at)))
        .bind(to_sql_time_opt(health.and_then(|health| health.next_sync_at)))
        .fetch_one(connection)
        .await?;
    Ok(ended == 1)
}
