//! The health of an integration at the end of a sync, with a history entry by `system` for each change.
//! `domain::health` decides, the engine words.

use domain::health::{Health, HealthChange};
use domain::history::{BY_MACHINE, HistoryEntry};
use domain::sync::{SYSTEM, SyncState};
use sqlx::PgConnection;

use super::{Finish, LockedRow};
use crate::convert::{maybe_from_at, read_frequency};
use crate::{Error, history};

/// The health after this end. None: it stays.
pub(super) fn after(
    finish: &Finish<'_>,
    integration: &LockedRow,
) -> Result<Option<(Health, Option<HealthChange>)>, Error> {
    let before = Health {
        failing_since: maybe_from_at(integration.failing_since),
        warned_at: maybe_from_at(integration.failing_warned_at),
        paused_at: maybe_from_at(integration.paused_at),
        next_sync_at: maybe_from_at(integration.next_sync_at),
    };
    let now = finish.finished_at;
    Ok(match finish.state {
        SyncState::Succeeded => {
            let frequency = || read_frequency(&integration.auto_sync_frequency);
            let frequency = integration.enabled.then(frequency).transpose()?;
            Some(before.after_success(frequency.as_ref(), now))
        }
        SyncState::Failed => Some(before.after_failure(now)),
        SyncState::Cancelled | SyncState::Queued | SyncState::Running => None,
    })
}

pub(super) async fn insert_entry(
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
