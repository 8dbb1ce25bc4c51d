//! A saved integration. Never its secret.

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
    /// `paused`: scheduled syncs only ever failed, so they stopped. `deleted`: readable for 90 days.
    IntegrationState of of::IntegrationState { Active, Paused, Deleted }
}

/// One saved connection to one Auth0 tenant.
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
    /// Once it expires in 30 days or fewer: how near that is.
    pub reminder: Option<SecretReminder>,
    /// Whether a next secret is waiting for its turn.
    pub next_set: bool,
    /// When that one expires, if the user said so.
    pub next_expires_at: Option<Timestamp>,
}

/// How near the expiry of a secret is. Each stage is told once in the history, too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"days": 14, "since": "2027-01-17T00:00:00.000000Z"}))]
pub struct SecretReminder {
    /// The nearest of 30, 14, 7, 1 and 0 that is reached: so many days or fewer are left; 0 when it has
    /// expired.
    pub days: u8,
    /// When this stage was reached.
    pub since: Timestamp,
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
