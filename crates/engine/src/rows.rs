//! The rows of the history that users' actions leave.

use domain::connection_test::{TestOutcome, TestReport};
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::sync::Stage;
use domain::{HistoryEntryId, IntegrationId};
use serde_json::{Value, json};

use crate::{Actor, Engine};

impl Engine {
    pub(crate) fn update_row(
        &self,
        actor: &Actor,
        integration_id: IntegrationId,
        message: &str,
        details: Value,
    ) -> HistoryEntry {
        let now = self.clock().now();
        HistoryEntry {
            organisation_id: actor.organisation_id.clone(),
            id: HistoryEntryId(self.ids().next()),
            integration_id,
            action: Action::Update,
            started_at: now,
            started_by: actor.email.clone(),
            status: HistoryStatus::Success,
            stage: Stage::Completed,
            error: None,
            message: message.to_owned(),
            last_completed_at: Some(now),
            sync_id: None,
            details,
        }
    }

    pub(crate) fn test_row(
        &self,
        actor: &Actor,
        id: IntegrationId,
        report: &TestReport,
    ) -> HistoryEntry {
        let mut entry = self.update_row(
            actor,
            id,
            "The tenant accepts the connection.",
            json!({"connection_test": report}),
        );
        entry.action = Action::TestConnection;
        if report.outcome == TestOutcome::Failed {
            entry.status = HistoryStatus::Failed;
            entry.stage = Stage::Failed;
            if let Some(step) = report.first_failure() {
                entry.error = Some(step.code.name().to_owned());
                entry.message.clone_from(&step.message);
            }
        }
        entry
    }
}
