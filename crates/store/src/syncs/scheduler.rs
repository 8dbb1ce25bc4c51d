//! The scheduler: queues a sync for each due integration. Missed times are made up by one sync, because the next one
//! is computed from now.

use domain::clock::IdSource;
use domain::history::{Action, HistoryStatus};
use domain::sync::{SYSTEM, Stage, SyncResult, SyncState, Trigger};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{EVERYONE, notify};
use crate::convert::{SqlTimestamp, json, read_frequency, to_sql_time, to_sql_time_opt};
use crate::{CrossOrganisation, Error, Store};

/// Shown in the history until a worker claims the sync.
const QUEUED: &str = "The scheduled sync waits for its turn.";

#[derive(sqlx::FromRow)]
struct DueRow {
    organisation_id: String,
    id: Uuid,
    api_identifier: String,
    auto_sync_frequency: Value,
}

/// The columns of the syncs to insert.
#[derive(Default)]
struct DueBatch {
    organisations: Vec<String>,
    integrations: Vec<Uuid>,
    tenants: Vec<String>,
    not_before: Vec<SqlTimestamp>,
    syncs: Vec<Uuid>,
    entries: Vec<Uuid>,
    next: Vec<Option<SqlTimestamp>>,
}

impl Store {
    /// Queues a scheduled sync, with its history entry, for up to `limit` integrations that are due and have no
    /// active sync. Returns their number. Replicas share the work. A sync starts up to `spread` later, by an offset
    /// that is fixed for the integration, so that not all syncs of a minute start at once.
    pub async fn insert_due_syncs(
        &self,
        now: Timestamp,
        spread: SignedDuration,
        limit: u32,
        ids: &dyn IdSource,
    ) -> Result<u32, Error> {
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Scheduling).await?;
        let due = lock_due(&mut tx, now, limit).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut batch = DueBatch::default();
        for row in due {
            batch.next.push(to_sql_time_opt(next_sync_at(&row, now)));
            batch.not_before.push(to_sql_time(start_of(row.id, now, spread)));
            batch.organisations.push(row.organisation_id);
            batch.integrations.push(row.id);
            batch.tenants.push(row.api_identifier);
            batch.syncs.push(ids.next());
            batch.entries.push(ids.next());
        }
        let inserted = insert(&mut tx, &batch, now).await?;
        if inserted > 0 {
            notify(&mut tx, EVERYONE).await?;
        }
        tx.commit().await?;
        Ok(inserted)
    }
}

/// An offset from the random part of the integration's id.
fn start_of(integration: Uuid, now: Timestamp, spread: SignedDuration) -> Timestamp {
    let [.., a, b] = integration.into_bytes();
    let share = i64::from(u16::from_be_bytes([a, b]));
    let late_ms = i64::try_from(spread.as_millis()).unwrap_or(0) * share / i64::from(u16::MAX);
    now.checked_add(SignedDuration::from_millis(late_ms)).unwrap_or(now)
}

/// A frequency that this version cannot read runs once more, and then leaves the schedule.
fn next_sync_at(row: &DueRow, now: Timestamp) -> Option<Timestamp> {
    let frequency = read_frequency(&row.auto_sync_frequency)
        .inspect_err(|error| tracing::error!(integration_id = %row.id, %error, "stored frequency cannot be read; integration left the schedule"));
    frequency.ok()?.next_after(now)
}

async fn lock_due(
    connection: &mut PgConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueRow>, Error> {
    let sql = "/* store.insert_due_syncs: due */
        select i.organisation_id, i.id, i.api_identifier, i.auto_sync_frequency from integrations i
        where i.next_sync_at <= $1 and i.enabled and i.paused_at is null and i.deleted_at is null
            and not exists (
                select from syncs s
                where s.organisation_id = i.organisation_id and s.integration_id = i.id
                    and s.state in ('queued', 'running')
            )
        order by i.next_sync_at limit $2
        for no key update of i skip locked";
    let rows = sqlx::query_as(sql)
        .bind(to_sql_time(now))
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

async fn insert(
    connection: &mut PgConnection,
    batch: &DueBatch,
    now: Timestamp,
) -> Result<u32, Error> {
    // A sync that was queued since the lock excludes its integration, which stays due.
    let sql = "/* store.insert_due_syncs */
        with due as (
            select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[],
                    $15::text[], $16::timestamptz[])
                as due (organisation_id, integration_id, sync_id, entry_id, next_sync_at,
                    api_identifier, not_before)
        ), queued as (
            insert into syncs (organisation_id, id, integration_id, tenant_domain, state, trigger,
                started_by, queued_at, not_before, attempts, result)
            select organisation_id, sync_id, integration_id, api_identifier, $7, $8, $9, $6,
                not_before, 0, $10
            from due
            on conflict (organisation_id, integration_id) where state in ('queued', 'running')
                do nothing
            returning id
        ), shown as (
            insert into history_entries (organisation_id, id, integration_id, action, started_at,
                started_by, status, stage, message, sync_id, details)
            select organisation_id, entry_id, integration_id, $11, $6, $9, $12, $13, $14, sync_id,
                '{}'::jsonb
            from due where sync_id in (select id from queued)
        )
        update integrations i set next_sync_at = due.next_sync_at from due
        where due.sync_id in (select id from queued)
            and i.organisation_id = due.organisation_id and i.id = due.integration_id";
    let updated = sqlx::query(sql)
        .bind(&batch.organisations)
        .bind(&batch.integrations)
        .bind(&batch.syncs)
        .bind(&batch.entries)
        .bind(&batch.next)
        .bind(to_sql_time(now))
        .bind(SyncState::Queued.name())
        .bind(Trigger::Scheduled.name())
        .bind(SYSTEM)
        .bind(json(&SyncResult::default())?)
        .bind(Action::Sync.name())
        .bind(HistoryStatus::InProgress.name())
        .bind(Stage::Started.name())
        .bind(QUEUED)
        .bind(&batch.tenants)
        .bind(&batch.not_before)
        .execute(connection)
        .await?;
    Ok(u32::try_from(updated.rows_affected()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::SystemIds;

    #[test]
    fn starts_are_spread_over_the_whole_time_and_never_before_it() {
        let now = Timestamp::UNIX_EPOCH;
        let spread = SignedDuration::from_secs(600);
        let late = |_| start_of(SystemIds.next(), now, spread).duration_since(now).as_secs();
        let starts: Vec<i64> = (0..500).map(late).collect();
        assert!(starts.iter().all(|late| (0..=600).contains(late)));
        for minute in 0..10 {
            let in_it = starts.iter().filter(|late| **late / 60 == minute).count();
            assert!((10..150).contains(&in_it), "{in_it} of 500 start in minute {minute}");
        }
        let one = SystemIds.next();
        assert_eq!(start_of(one, now, spread), start_of(one, now, spread));
        assert_eq!(start_of(one, now, SignedDuration::ZERO), now);
    }
}
