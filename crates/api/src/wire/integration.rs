//! A saved integration, without its secret.

use domain::integration::{self as of};
use domain::reminder::{self, Reminder};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::request::AutoSyncFrequency;
use super::sync::SyncState;
use super::wire_enum;

wire_enum! {
    /// State of an integration. `paused`: every sync failed for days, so scheduled syncs stopped.
    /// `deleted`: readable for 90 days.
    IntegrationState of of::IntegrationState
}

/// A saved connection to an Auth0 tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "name": "Acme production", "enabled": true, "state": "active",
    "api_identifier": "https://acme.eu.auth0.com/api/v2/", "api_audience": "https://acme.eu.auth0.com/api/v2/",
    "client_id": "aBcD1234eFgH5678",
    "client_secret": {"set": true, "updated_at": "2026-11-24T05:59:00.000000Z", "expires_at": "2027-01-31T00:00:00.000000Z",
        "reminder": null, "next_set": false, "next_expires_at": null},
    "asset_name": "acme-auth0-prod", "auto_sync_frequency": {"every": "1d"}, "next_sync_at": "2026-11-25T06:00:00.000000Z",
    "last_sync": {"id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "state": "succeeded", "finished_at": "2026-11-24T06:00:01.100000Z"},
    "stale": false, "paused_at": null, "failing_since": null, "deleted_at": null,
    "created_at": "2026-11-24T05:59:00.000000Z", "updated_at": "2026-11-24T05:59:00.000000Z"
}))]
pub struct Integration {
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// False: the integration does not sync.
    pub enabled: bool,
    pub state: IntegrationState,
    /// Base address of the Management API.
    pub api_identifier: String,
    /// Audience of the access tokens.
    pub api_audience: String,
    /// OAuth 2.0 client id.
    pub client_id: String,
    /// State of the client secret.
    pub client_secret: ClientSecret,
    /// Name of the asset. Unique within the organisation.
    pub asset_name: String,
    /// Schedule of automatic syncs.
    #[schema(value_type = AutoSyncFrequency)]
    pub auto_sync_frequency: Value,
    /// When the next scheduled sync is due. Null: manual, disabled, paused or deleted.
    pub next_sync_at: Option<Timestamp>,
    /// Null: there was no sync yet.
    pub last_sync: Option<LastSync>,
    /// True if the latest successful sync is older than both twice the sync interval and 48 hours; for
    /// manual syncs, older than 30 days.
    pub stale: bool,
    /// When the service paused scheduled syncs. Null: not paused.
    pub paused_at: Option<Timestamp>,
    /// Start of the unbroken series of failed syncs. Null: there is none.
    pub failing_since: Option<Timestamp>,
    /// Null: not deleted.
    pub deleted_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the configuration last changed.
    pub updated_at: Timestamp,
}

/// State of a client secret. The secret itself is never returned.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSecret {
    /// False: the integration is deleted, and its secret with it.
    pub set: bool,
    /// When the secret was last set.
    pub updated_at: Timestamp,
    /// When the secret expires. Null: not known.
    pub expires_at: Option<Timestamp>,
    /// Set when the secret expires within 30 days or has expired; otherwise null.
    pub reminder: Option<SecretReminder>,
    /// Whether a next secret is stored.
    pub next_set: bool,
    /// When the next secret expires. Null: not known, or none is stored.
    pub next_expires_at: Option<Timestamp>,
}

/// Stage of the expiry reminder. The history has one entry for each stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"days": 14, "since": "2027-01-17T00:00:00.000000Z"}))]
pub struct SecretReminder {
    /// The stage reached: 30, 14, 7 or 1 days or fewer remain; 0: expired.
    pub days: u8,
    /// When the stage was reached.
    pub since: Timestamp,
}

/// Summary of the latest sync.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastSync {
    pub id: Uuid,
    pub state: SyncState,
    /// Null: not finished.
    pub finished_at: Option<Timestamp>,
}

impl Integration {
    /// The view at `now`.
    pub fn new(integration: of::Integration, now: jiff::Timestamp) -> Self {
        let is_deleted = integration.deleted_at.is_some();
        let is_stale = integration.is_stale(integration.last_succeeded_at, now);
        let state = integration.state().into();
        let settings = integration.settings;
        let expires_at = settings.client_secret_expires_at.filter(|_| !is_deleted);
        let reminder = expires_at.and_then(|expires_at| reminder::current_stage(expires_at, now));
        let next = integration.next_secret;
        Self {
            id: integration.id.0,
            name: settings.name,
            enabled: settings.enabled,
            state,
            api_identifier: settings.api_identifier.to_string(),
            api_audience: settings.api_audience.to_string(),
            client_id: settings.client_id,
            client_secret: ClientSecret {
                set: !is_deleted,
                updated_at: integration.client_secret_updated_at.into(),
                expires_at: settings.client_secret_expires_at.map(Timestamp),
                reminder: reminder
                    .map(|Reminder { days, since }| SecretReminder { days, since: since.into() }),
                next_set: next.is_some(),
                next_expires_at: next.and_then(|next| next.expires_at).map(Timestamp),
            },
            asset_name: settings.asset_name,
            auto_sync_frequency: settings.auto_sync_frequency.to_json(),
            next_sync_at: integration.next_sync_at.map(Timestamp),
            last_sync: integration.last_sync.map(|last| LastSync {
                id: last.id.0,
                state: last.state.into(),
                finished_at: last.finished_at.map(Timestamp),
            }),
            stale: is_stale,
            paused_at: integration.paused_at.map(Timestamp),
            failing_since: integration.failing_since.map(Timestamp),
            deleted_at: integration.deleted_at.map(Timestamp),
            created_at: integration.created_at.into(),
            updated_at: integration.updated_at.into(),
        }
    }
}
