//! One saved connection to one Auth0 tenant. The secret is not in it: `store` opens it on demand.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::TenantAddress;
use crate::frequency::Frequency;
use crate::ids::{IntegrationId, OrganisationId, SyncId};
use crate::sync::SyncState;

/// A saved integration.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its id.
    pub id: IntegrationId,
    /// The user's settings.
    pub settings: Settings,
    /// When the secret was last given.
    pub client_secret_updated_at: Timestamp,
    /// The secret that waits for Auth0 to refuse the present one.
    pub next_secret: Option<NextSecret>,
    /// The version of the configuration: the `ETag`. Starts at 1.
    pub version: i64,
    /// Set while the machine has paused it.
    pub paused_at: Option<Timestamp>,
    /// Since when every sync has failed; none after a success.
    pub failing_since: Option<Timestamp>,
    /// Set once it is deleted; it is then readable for 90 days.
    pub deleted_at: Option<Timestamp>,
    /// When the next scheduled sync is due; none when manual, disabled, paused or deleted.
    pub next_sync_at: Option<Timestamp>,
    /// The latest sync.
    pub last_sync: Option<LastSync>,
    /// When a sync last succeeded: the base of `stale`.
    pub last_succeeded_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub updated_at: Timestamp,
}

/// What may be known of a secret to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextSecret {
    /// When it will expire, if the user said so.
    pub expires_at: Option<Timestamp>,
}

/// What the user sets, but for the secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// For people.
    pub name: String,
    /// Where calls go.
    pub api_identifier: TenantAddress,
    /// What tokens are for; its host is the tenant's identity.
    pub api_audience: TenantAddress,
    /// OAuth 2.0 client identifier.
    pub client_id: String,
    /// Names the asset uniquely inside the organisation.
    pub asset_name: String,
    /// When it syncs by itself.
    pub auto_sync_frequency: Frequency,
    /// When the client secret expires, if the user said so.
    pub client_secret_expires_at: Option<Timestamp>,
    /// False: no syncs.
    pub enabled: bool,
}

impl Settings {
    /// Whether one client secret serves both: it belongs to an origin and a client, and goes nowhere else.
    pub fn shares_secret_with(&self, other: &Self) -> bool {
        self.api_identifier == other.api_identifier && self.client_id == other.client_id
    }

    /// What is unique among the asset names of an organisation: names that differ in case only are the same.
    pub fn asset_name_key(&self) -> String {
        asset_name_key(&self.asset_name)
    }

    /// The first scheduled sync after `now`; none when manual or disabled.
    pub fn next_sync_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.enabled.then(|| self.auto_sync_frequency.next_after(now)).flatten()
    }
}

/// The asset name as it is compared, by Unicode's lower case.
pub fn asset_name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The latest sync in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSync {
    /// Its id.
    pub id: SyncId,
    /// Its state.
    pub state: SyncState,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What the integration is to its users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationState {
    /// Syncs as configured.
    Active,
    /// Only ever failed, so scheduled runs stopped.
    Paused,
    /// Readable only.
    Deleted,
}

/// How long a deleted integration stays readable, in days.
pub const DELETED_READABLE_DAYS: i64 = 90;
/// After this many hours without a successful sync a manual integration is stale: 30 days.
const MANUAL_STALE_HOURS: i64 = 30 * 24;
/// The shortest time to staleness of a scheduled one, in hours.
const STALE_FLOOR_HOURS: i64 = 48;

/// After so many hours of nothing but failures the users are warned: 4 days.
const WARN_AFTER_HOURS: i64 = 4 * 24;
/// After so many hours of nothing but failures scheduled syncs stop: 7 days.
const PAUSE_AFTER_HOURS: i64 = 7 * 24;

/// What one more failure says of an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It failed; nothing to tell yet, or again.
    Failing,
    /// Its users are to be warned now.
    Warned,
    /// Its scheduled syncs stop now.
    Paused,
}

/// Judges a failure at `now` of an integration that has only failed since `since`.
pub fn health_after_failure(
    since: Timestamp,
    warned_at: Option<Timestamp>,
    now: Timestamp,
) -> Health {
    let failing = now.duration_since(since);
    if failing >= jiff::SignedDuration::from_hours(PAUSE_AFTER_HOURS) {
        Health::Paused
    } else if failing >= jiff::SignedDuration::from_hours(WARN_AFTER_HOURS) && warned_at.is_none() {
        Health::Warned
    } else {
        Health::Failing
    }
}

impl Integration {
    /// Active, paused or deleted.
    pub fn state(&self) -> IntegrationState {
        match (self.deleted_at, self.paused_at) {
            (Some(_), _) => IntegrationState::Deleted,
            (None, Some(_)) => IntegrationState::Paused,
            (None, None) => IntegrationState::Active,
        }
    }

    /// Whether something last evaluated then is stale now: older than twice the interval and 48
    /// hours, or 30 days when syncs are manual. Never evaluated counts from creation.
    pub fn is_stale(&self, last_evaluated_at: Option<Timestamp>, now: Timestamp) -> bool {
        let since = last_evaluated_at.unwrap_or(self.created_at);
        now.duration_since(since) > stale_after(&self.settings.auto_sync_frequency, now)
    }
}

/// How old a conclusive evaluation may be before it is stale.
pub fn stale_after(frequency: &Frequency, now: Timestamp) -> jiff::SignedDuration {
    match frequency.interval(now) {
        None => jiff::SignedDuration::from_hours(MANUAL_STALE_HOURS),
        Some(interval) => {
            (interval.saturating_mul(2)).max(jiff::SignedDuration::from_hours(STALE_FLOOR_HOURS))
        }
    }
}
