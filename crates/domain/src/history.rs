//! Entries of the history.

use jiff::Timestamp;
use serde_json::Value;

use crate::ids::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use crate::named_enum::named_enum;
use crate::sync::Stage;

named_enum! {
    pub enum Action {
        TestConnection = "test_connection",
        Update = "update",
        Sync = "sync",
    }
}

named_enum! {
    /// Status as SAFE shows it.
    pub enum HistoryStatus {
        InProgress = "in_progress",
        Success = "success",
        Failed = "failed",
    }
}

named_enum! {
    /// A change made by the service itself: the member [`BY_MACHINE`] of the details of its entry.
    pub enum MachineChange {
        /// All syncs have failed for days.
        Warned = "warned",
        /// Scheduled syncs stopped because of the failures.
        Paused = "paused",
        /// A sync succeeded again.
        Resumed = "resumed",
        /// The next client secret replaced the current one.
        SecretPromoted = "secret_promoted",
        /// The client secret expires soon or has expired.
        SecretExpires = "secret_expires",
    }
}

/// The member of an entry's details that names the [`MachineChange`].
pub const BY_MACHINE: &str = "by_machine";

#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    pub organisation_id: OrganisationId,
    pub id: HistoryEntryId,
    pub integration_id: IntegrationId,
    pub action: Action,
    pub started_at: Timestamp,
    /// E-mail address of the user, or `system`.
    pub started_by: String,
    pub status: HistoryStatus,
    pub stage: Stage,
    /// Error code. None: no failure.
    pub error: Option<String>,
    /// Human-readable message.
    pub message: String,
    pub last_completed_at: Option<Timestamp>,
    pub sync_id: Option<SyncId>,
    /// Report of the test, names of the changed fields, or result of the sync.
    pub details: Value,
}

impl HistoryEntry {
    /// A finished change of an integration, without a message or details yet.
    pub fn update(
        organisation_id: OrganisationId,
        id: HistoryEntryId,
        integration_id: IntegrationId,
        at: Timestamp,
        by: &str,
    ) -> Self {
        Self {
            organisation_id,
            id,
            integration_id,
            action: Action::Update,
            started_at: at,
            started_by: by.to_owned(),
            status: HistoryStatus::Success,
            stage: Stage::Completed,
            error: None,
            message: String::new(),
            last_completed_at: Some(at),
            sync_id: None,
            details: Value::Null,
        }
    }
}
