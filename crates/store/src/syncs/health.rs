//! What the end of a sync says of its integration: failing, warned, paused, resumed. Each change by
//! the machine is a row of the history, by `system`.

use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::integration::{Health, health_after_failure};
use domain::sync::{SYSTEM, Stage, SyncState};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::finish::{Finish, LockedRow};
use crate::convert::{SqlTimestamp, from_sql_time, maybe_from_at, to_sql_time, to_sql_time_opt};
use crate::integrations::read_frequency;
use crate::{Error, history};

pub(super) async fn record_outcome(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    integration: &LockedRow,
) -> Result<(), Error> {
    match finish.state {
        SyncState::Succeeded => succeeded(connection, finish, integration).await,
        SyncState::Failed => failed(connection, finish, integration).await,
        SyncState::Cancelled | SyncState::Queued | SyncState::Running => Ok(()),
    }
}

async fn succeeded(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    integration: &LockedRow,
) -> Result<(), Error> {
    let sql = "/* store.finish_sync: succeeded */
        update integrations set
            last_succeeded_at = $3, paused_at = null, failing_since = null,
            failing_warned_at = null, next_sync_at = $4
        where organisation_id = $1 and id = $2";
    sqlx::query(sql)
        .bind(finish.org.as_str())
        .bind(finish.integration_id.0)
        .bind(to_sql_time(finish.finished_at))
        .bind(resumed_at(finish, integration)?)
        .execute(&mut *connection)
        .await?;
    if integration.paused_at.is_some() {
        let message = "A sync succeeded, so scheduled syncs were resumed.";
        insert_health_notice(connection, finish, "resumed", message).await?;
    }
    Ok(())
}

/// The next scheduled sync after a success: as planned, and anew where pausing had taken it away.
fn resumed_at(finish: &Finish<'_>, integration: &LockedRow) -> Result<Option<SqlTimestamp>, Error> {
    if integration.next_sync_at.is_some() || !integration.enabled {
        return Ok(integration.next_sync_at);
    }
    let frequency = read_frequency(&integration.auto_sync_frequency)?;
    Ok(to_sql_time_opt(frequency.next_after(finish.finished_at)))
}

async fn failed(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    integration: &LockedRow,
) -> Result<(), Error> {
    let since = integration.failing_since.map_or(finish.finished_at, from_sql_time);
    let health = match maybe_from_at(integration.paused_at) {
        Some(_) => Health::Failing,
        None => health_after_failure(
            since,
            maybe_from_at(integration.failing_warned_at),
            finish.finished_at,
        ),
    };
    let (warned, paused): (Option<Timestamp>, Option<Timestamp>) = match health {
        Health::Failing => (None, None),
        Health::Warned => (Some(finish.finished_at), None),
        Health::Paused => (None, Some(finish.finished_at)),
    };
    let sql = "/* store.finish_sync: failed */
        update integrations set
            failing_since = coalesce(failing_since, $3),
            failing_warned_at = coalesce($4, failing_warned_at),
            paused_at = coalesce($5, paused_at),
            next_sync_at = case when $5 is null then next_sync_at end
        where organisation_id = $1 and id = $2";
    sqlx::query(sql)
        .bind(finish.org.as_str())
        .bind(finish.integration_id.0)
        .bind(to_sql_time(finish.finished_at))
        .bind(to_sql_time_opt(warned))
        .bind(to_sql_time_opt(paused))
        .execute(&mut *connection)
        .await?;
    match health {
        Health::Failing => Ok(()),
        Health::Warned => {
            let message = "Every sync has failed for days. Scheduled syncs will be paused if it \
                           goes on.";
            insert_health_notice(connection, finish, "warned", message).await
        }
        Health::Paused => {
            let message = "Every sync has failed for a week, so scheduled syncs are paused. Mend \
                           the cause and press Sync Now, or change the integration.";
            insert_health_notice(connection, finish, "paused", message).await
        }
    }
}

async fn insert_health_notice(
    connection: &mut PgConnection,
    finish: &Finish<'_>,
    what: &str,
    message: &str,
) -> Result<(), Error> {
    let entry = HistoryEntry {
        organisation_id: finish.org.clone(),
        id: finish.notice_id,
        integration_id: finish.integration_id,
        action: Action::Update,
        started_at: finish.finished_at,
        started_by: SYSTEM.to_owned(),
        status: HistoryStatus::Success,
        stage: Stage::Completed,
        error: None,
        message: message.to_owned(),
        last_completed_at: Some(finish.finished_at),
        sync_id: None,
        details: serde_json::json!({ "by_machine": what }),
    };
    history::insert(connection, &entry).await
}
