//! One row of SAFE's History table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{HistoryEntryId, IntegrationId, OrganisationId, SyncId};
use crate::sync::Stage;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are SAFE's")]
pub enum Action {
    TestConnection,
    Update,
    Sync,
}

impl Action {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TestConnection => "test_connection",
            Self::Update => "update",
            Self::Sync => "sync",
        }
    }

    /// The action of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::TestConnection, Self::Update, Self::Sync].into_iter().find(|a| a.name() == name)
    }
}

/// How it stands, as SAFE shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are SAFE's")]
pub enum HistoryStatus {
    InProgress,
    Success,
    Failed,
}

impl HistoryStatus {
    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::InProgress, Self::Success, Self::Failed].into_iter().find(|s| s.name() == name)
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its id.
    pub id: HistoryEntryId,
    /// Of which integration.
    pub integration_id: IntegrationId,
    /// What was done.
    pub action: Action,
    /// When it began.
    pub started_at: Timestamp,
    /// The user's e-mail, or `system`.
    pub started_by: String,
    /// How it stands.
    pub status: HistoryStatus,
    /// Where it stands.
    pub stage: Stage,
    /// A code, when it failed.
    pub error: Option<String>,
    /// In words.
    pub message: String,
    /// When it ended.
    pub last_completed_at: Option<Timestamp>,
    /// The sync it shows.
    pub sync_id: Option<SyncId>,
    /// Opened by the row: the test report, the names of changed fields, the sync's result.
    pub details: Value,
}
