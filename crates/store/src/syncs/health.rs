//! Writes the health of an integration at the end of a sync, with a history entry by `system` for each change.
//! `domain::health` decides, the engine words.

use domain::health::{Health, HealthChange};
use domain::history::{BY_MACHINE, HistoryEntry};
use domain::sync::{SYSTEM, SyncState};
use sqlx::PgConnection;

use super::finish::{Finish, LockedRow};
use crate::convert::{maybe_from_at, read_frequency, to_sql_time_opt};
use crate::{Error, history};

pub(super) async fn record_outcome(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    integration: &LockedRow,
) -> Result<(), Error> {
    let before = Health {
        failing_since: maybe_from_at(integration.failing_since),
        warned_at: maybe_from_at(integration.failing_warned_at),
        paused_at: maybe_from_at(integration.paused_at),
        next_sync_at: maybe_from_at(integration.next_sync_at),
    };
    let now = finish.finished_at;
    let (after, change) = match finish.state {
        SyncState::Succeeded => {
            let frequency = || read_frequency(&integration.auto_sync_frequency);
            let frequency = integration.enabled.then(frequency).transpose()?;
            before.after_success(frequency.as_ref(), now)
        }
        SyncState::Failed => before.after_failure(now),
        SyncState::Cancelled | SyncState::Queued | SyncState::Running => return Ok(()),
    };
    update(connection, finish, after).await?;
    match change {
        Some(change) => insert_entry(connection, finish, change).await,
        None => Ok(()),
    }
}

async fn update(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    health: Health,
) -> Result<(), Error> {
    let sql = "/* store.finish_sync: health */
        update integrations set
            last_succeeded_at = coalesce($3, last_succeeded_at), failing_since = $4,
            failing_warned_at = $5, paused_at = $6, next_sync_at = $7
        where organisation_id = $1 and id = $2";
    let succeeded_at = (finish.state == SyncState::Succeeded).then_some(finish.finished_at);
    sqlx::query(sql)
        .bind(finish.org.as_str())
        .bind(finish.integration_id.0)
        .bind(to_sql_time_opt(succeeded_at))
        .bind(to_sql_time_opt(health.failing_since))
        .bind(to_sql_time_opt(health.warned_at))
        .bind(to_sql_time_opt(health.paused_at))
        .bind(to_sql_time_opt(health.next_sync_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert_entry(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    change: HealthChange,
) -> Result<(), Error> {
    let (id, at) = (finish.health_entry_id, finish.finished_at);
    let entry = HistoryEntry {
        message: (finish.health_message)(change).to_owned(),
        details: serde_json::json!({ BY_MACHINE: change.name() }),
        ..HistoryEntry::update(finish.org.clone(), id, finish.integration_id, at, SYSTEM)
    };
    history::insert(connection, &entry).await
}
