//! History entries of users' changes and connection tests. Others: of a sync that a user starts, `syncs.rs`; of a
//! promoted secret, `secret_rotation.rs`; of scheduled syncs, pauses and reminders, `store` (`scheduler.rs`,
//! `health.rs`, `reminders.rs`).

use domain::connection_test::{TestOutcome, TestReport};
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::sync::Stage;
use domain::{HistoryEntryId, IntegrationId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Actor, Engine};

/// When an action started, and the id of its entry, which orders the history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StartedAction {
    id: HistoryEntryId,
    at: Timestamp,
}

impl Engine {
    /// Called before the action does anything.
    pub(crate) fn begin_entry(&self) -> StartedAction {
        StartedAction { id: HistoryEntryId(self.ids().next()), at: self.clock().now() }
    }

    pub(crate) fn update_entry(
        &self,
        actor: &Actor,
        integration_id: IntegrationId,
        begun: StartedAction,
        message: &str,
        details: Value,
    ) -> HistoryEntry {
        let organisation = actor.organisation_id.clone();
        HistoryEntry {
            message: message.to_owned(),
            last_completed_at: Some(self.clock().now()),
            details,
            ..HistoryEntry::update(organisation, begun.id, integration_id, begun.at, &actor.email)
        }
    }

    pub(crate) fn test_entry(
        &self,
        actor: &Actor,
        id: IntegrationId,
        begun: StartedAction,
        report: &TestReport,
    ) -> HistoryEntry {
        let details = json!({"connection_test": report});
        let mut entry = self.update_entry(actor, id, begun, &report.message(), details);
        entry.action = Action::TestConnection;
        if report.outcome == TestOutcome::Failed {
            entry.status = HistoryStatus::Failed;
            entry.stage = Stage::Failed;
            entry.error = Some(report.code().name().to_owned());
        }
        entry
    }
}
