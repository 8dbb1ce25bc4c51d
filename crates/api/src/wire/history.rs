//! A row of SAFE's History table.

pub mod details;

use domain::clock::rfc3339;
use domain::history as of;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::sync::Stage;
use super::wire_enum;

wire_enum! {
    /// What was done.
    Action of of::Action { TestConnection, Update, Sync }
}

wire_enum! {
    /// How it stands.
    HistoryStatus of of::HistoryStatus { InProgress, Success, Failed }
}

/// One row of the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1f-2c20-7aa1-b6f0-2f1f1a9f0c33", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "action": "sync", "started_at": "2026-11-24T06:00:00.000000Z", "started_by": "ada@acme.example",
    "status": "success", "stage": "completed", "error": null, "message": "The sync succeeded.",
    "last_completed_at": "2026-11-24T06:00:01.100000Z", "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "details": {}
}))]
pub struct HistoryEntry {
    /// Its id.
    pub id: Uuid,
    /// Of which integration.
    pub integration_id: Uuid,
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
    pub sync_id: Option<Uuid>,
    #[schema(schema_with = details::schema)]
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

/// Rows that were written before instants had a fixed number of digits keep what they have.
fn with_instants_of_one_form(mut details: Value) -> Value {
    let stored = details.get_mut("expires_at");
    if let Some(text) = stored
        && let Some(at) = text.as_str().and_then(|text| text.parse().ok())
    {
        *text = rfc3339(at).into();
    }
    details
}
