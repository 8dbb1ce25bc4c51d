//! Entries of the history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use crate::sync::Stage;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    TestConnection,
    Update,
    Sync,
}

impl Action {
    /// Name in the API and in the database; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TestConnection => "test_connection",
            Self::Update => "update",
            Self::Sync => "sync",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::TestConnection, Self::Update, Self::Sync].into_iter().find(|a| a.name() == name)
    }
}

/// Status as SAFE shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryStatus {
    InProgress,
    Success,
    Failed,
}

impl HistoryStatus {
    /// Name in the API and in the database; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::InProgress, Self::Success, Self::Failed].into_iter().find(|s| s.name() == name)
    }
}

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
