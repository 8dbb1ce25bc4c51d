//! The rows of the history that users' actions leave.

use domain::connection_test::{TestOutcome, TestReport};
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::sync::Stage;
use domain::{HistoryEntryId, IntegrationId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Actor, Engine};

/// When an action began, and the id that puts its row there in the history's order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StartedAction {
    id: HistoryEntryId,
    at: Timestamp,
}

impl Engine {
    /// To be called before anything else that the row tells of.
    pub(crate) fn begin_row(&self) -> StartedAction {
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
        HistoryEntry {
            organisation_id: actor.organisation_id.clone(),
            id: begun.id,
            integration_id,
            action: Action::Update,
            started_at: begun.at,
            started_by: actor.email.clone(),
            status: HistoryStatus::Success,
            stage: Stage::Completed,
            error: None,
            message: message.to_owned(),
            last_completed_at: Some(self.clock().now()),
            sync_id: None,
            details,
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
