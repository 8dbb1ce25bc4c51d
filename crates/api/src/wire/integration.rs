//! A saved integration. Never its secret.

use domain::integration::{self as of};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::request::AutoSyncFrequency;
use super::sync::SyncState;
use super::wire_enum;

wire_enum! {
    /// `paused`: scheduled syncs only ever failed, so they stopped. `deleted`: readable for 90 days.
    IntegrationState of of::IntegrationState { Active, Paused, Deleted }
}

/// One saved connection to one Auth0 tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "name": "Acme production", "enabled": true, "state": "active",
    "api_identifier": "https://acme.eu.auth0.com/api/v2/", "api_audience": "https://acme.eu.auth0.com/api/v2/",
    "client_id": "aBcD1234eFgH5678",
    "client_secret": {"set": true, "updated_at": "2026-11-24T05:59:00Z", "expires_at": "2027-01-31T00:00:00Z", "next_set": false},
    "asset_name": "acme-auth0-prod", "auto_sync_frequency": {"every": "1d"}, "next_sync_at": "2026-11-25T06:00:00Z",
    "last_sync": {"id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "state": "succeeded", "finished_at": "2026-11-24T06:00:01.1Z"},
    "stale": false, "paused_at": null, "failing_since": null, "deleted_at": null,
    "created_at": "2026-11-24T05:59:00Z", "updated_at": "2026-11-24T05:59:00Z"
}))]
pub struct Integration {
    /// Its id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// False: no syncs.
    pub enabled: bool,
    /// What it is to its users.
    pub state: IntegrationState,
    /// Where calls go.
    pub api_identifier: String,
    /// What tokens are for.
    pub api_audience: String,
    /// OAuth 2.0 client identifier.
    pub client_id: String,
    /// What may be known of the secret.
    pub client_secret: ClientSecret,
    /// Names the asset uniquely inside the organisation.
    pub asset_name: String,
    /// When it syncs by itself.
    #[schema(value_type = AutoSyncFrequency)]
    pub auto_sync_frequency: Value,
    /// When the next scheduled sync is due; null when manual, disabled, paused or deleted.
    pub next_sync_at: Option<Timestamp>,
    /// The latest sync.
    pub last_sync: Option<LastSync>,
    /// Whether the last successful sync is older than twice the interval and 48 hours; 30 days when
    /// syncs are manual.
    pub stale: bool,
    /// Since when the machine has paused it.
    pub paused_at: Option<Timestamp>,
    /// Since when every sync has failed.
    pub failing_since: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub updated_at: Timestamp,
}

/// What may be known of a secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientSecret {
    /// Whether there is one; false once the integration is deleted.
    pub set: bool,
    /// When it was last given.
    pub updated_at: Timestamp,
    /// When it expires, if the user said so.
    pub expires_at: Option<Timestamp>,
    /// Whether a next secret is waiting for its turn.
    pub next_set: bool,
}

/// The latest sync in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastSync {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub state: SyncState,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Integration {
    /// As it stands at `now`.
    pub fn new(integration: of::Integration, now: Timestamp) -> Self {
        let is_deleted = integration.deleted_at.is_some();
        let is_stale = integration.is_stale(integration.last_succeeded_at, now);
        let state = integration.state().into();
        let settings = integration.settings;
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
                updated_at: integration.client_secret_updated_at,
                expires_at: settings.client_secret_expires_at,
                next_set: false,
            },
            asset_name: settings.asset_name,
            auto_sync_frequency: settings.auto_sync_frequency.to_json(),
            next_sync_at: integration.next_sync_at,
            last_sync: integration.last_sync.map(|last| LastSync {
                id: last.id.0,
                state: last.state.into(),
                finished_at: last.finished_at,
            }),
            stale: is_stale,
            paused_at: integration.paused_at,
            failing_since: integration.failing_since,
            deleted_at: integration.deleted_at,
            created_at: integration.created_at,
            updated_at: integration.updated_at,
        }
    }
}
