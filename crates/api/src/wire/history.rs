//! An entry of the history.

pub mod details;

use domain::clock::rfc3339;
use domain::history as of;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::sync::SyncStage;
use super::wire_enum;

wire_enum!(HistoryAction of of::Action);

wire_enum!(HistoryStatus of of::HistoryStatus);

/// An entry of the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1f-2c20-7aa1-b6f0-2f1f1a9f0c33", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "action": "sync", "started_at": "2026-11-24T06:00:00.000000Z", "started_by": "ada@acme.example",
    "status": "success", "stage": "completed", "error": null, "message": "The sync succeeded.",
    "last_completed_at": "2026-11-24T06:00:01.100000Z", "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "details": {}
}))]
pub struct HistoryEntry {
    pub id: Uuid,
    pub integration_id: Uuid,
    pub action: HistoryAction,
    pub started_at: Timestamp,
    /// E-mail address of the user, or `system`.
    pub started_by: String,
    pub status: HistoryStatus,
    pub stage: SyncStage,
    /// Error code. Null: no failure.
    pub error: Option<String>,
    /// Human-readable message.
    pub message: String,
    /// Null: not finished.
    pub last_completed_at: Option<Timestamp>,
    /// The sync, for `sync` entries; otherwise null.
    pub sync_id: Option<Uuid>,
    #[schema(value_type = details::HistoryDetails)]
    pub details: Value,
}

impl From<of::HistoryEntry> for HistoryEntry {
    fn from(entry: of::HistoryEntry) -> Self {
        Self {
            id: entry.id.0,
            integration_id: entry.integration_id.0,
            action: entry.action.into(),
            started_at: entry.started_at.into(),
            started_by: entry.started_by,
            status: entry.status.into(),
            stage: entry.stage.into(),
            error: entry.error,
            message: entry.message,
            last_completed_at: entry.last_completed_at.map(Timestamp),
            sync_id: entry.sync_id.map(|id| id.0),
            details: with_instants_of_one_form(entry.details),
        }
    }
}

/// Older entries have timestamps without a fixed number of digits; they are rewritten to one form here.
fn with_instants_of_one_form(mut details: Value) -> Value {
    let stored = details.get_mut("expires_at");
    if let Some(text) = stored
        && let Some(at) = text.as_str().and_then(|text| text.parse().ok())
    {
        *text = rfc3339(at).into();
    }
    details
}
