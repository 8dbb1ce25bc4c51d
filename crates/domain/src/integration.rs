//! Integrations: saved connections to Auth0 tenants, without their secrets. `store` decrypts a secret on
//! demand.

use jiff::Timestamp;

use crate::address::TenantAddress;
use crate::frequency::Frequency;
use crate::ids::{IntegrationId, OrganisationId, SyncId};
use crate::named_enum::named_enum;
use crate::sync::SyncState;

/// A saved integration.
#[derive(Debug, Clone)]
pub struct Integration {
    pub organisation_id: OrganisationId,
    pub id: IntegrationId,
    pub settings: Settings,
    /// When the secret was last set.
    pub client_secret_updated_at: Timestamp,
    /// The next secret, used once Auth0 refuses the current one.
    pub next_secret: Option<NextSecret>,
    /// Version of the configuration, used as the `ETag`. Starts at 1.
    pub version: i64,
    /// Set while scheduled syncs are paused.
    pub paused_at: Option<Timestamp>,
    /// Start of the unbroken series of failed syncs; none after a success.
    pub failing_since: Option<Timestamp>,
    /// A deleted integration is readable for 90 days.
    pub deleted_at: Option<Timestamp>,
    /// None: manual, disabled, paused or deleted.
    pub next_sync_at: Option<Timestamp>,
    pub last_sync: Option<LastSync>,
    /// When a sync last succeeded; determines `stale`.
    pub last_succeeded_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// When the configuration last changed.
    pub updated_at: Timestamp,
}

/// State of a next secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextSecret {
    pub expires_at: Option<Timestamp>,
}

/// Settings by the user, without the secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub name: String,
    /// Base address of the Management API.
    pub api_identifier: TenantAddress,
    /// Audience of the access tokens. Its host identifies the tenant.
    pub api_audience: TenantAddress,
    pub client_id: String,
    /// Unique within the organisation.
    pub asset_name: String,
    pub auto_sync_frequency: Frequency,
    pub client_secret_expires_at: Option<Timestamp>,
    pub enabled: bool,
}

impl Settings {
    /// Whether a stored secret may be used for both: a secret belongs to one origin and client.
    pub fn shares_secret_with(&self, other: &Self) -> bool {
        self.api_identifier == other.api_identifier && self.client_id == other.client_id
    }

    /// Key for the uniqueness of asset names, which are compared without case.
    pub fn asset_name_key(&self) -> String {
        asset_name_key(&self.asset_name)
    }

    /// First scheduled sync after `now`; none for manual or disabled.
    pub fn next_sync_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.enabled.then(|| self.auto_sync_frequency.next_after(now)).flatten()
    }
}

/// The asset name in Unicode lower case, for comparisons.
pub fn asset_name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Summary of the latest sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSync {
    pub id: SyncId,
    pub state: SyncState,
    pub finished_at: Option<Timestamp>,
}

named_enum! {
    /// State of an integration.
    pub enum IntegrationState {
        Active = "active",
        /// Scheduled syncs stopped because every sync failed for days.
        Paused = "paused",
        Deleted = "deleted",
    }
}

/// How long a deleted integration stays readable, in days.
pub const DELETED_READABLE_DAYS: i64 = 90;
/// Hours without a successful sync after which a manual integration is stale (30 days).
const MANUAL_STALE_HOURS: i64 = 30 * 24;
/// Minimum hours until a scheduled integration is stale.
const STALE_FLOOR_HOURS: i64 = 48;

impl Integration {
    pub fn state(&self) -> IntegrationState {
        match (self.deleted_at, self.paused_at) {
            (Some(_), _) => IntegrationState::Deleted,
            (None, Some(_)) => IntegrationState::Paused,
            (None, None) => IntegrationState::Active,
        }
    }

    /// Whether an evaluation at this time is stale now: older than both twice the interval and 48 hours;
    /// for manual syncs, older than 30 days. Without an evaluation, the age counts from creation.
    pub fn is_stale(&self, last_evaluated_at: Option<Timestamp>, now: Timestamp) -> bool {
        let since = last_evaluated_at.unwrap_or(self.created_at);
        now.duration_since(since) > stale_after(&self.settings.auto_sync_frequency, now)
    }
}

/// Age after which a conclusive evaluation is stale.
pub fn stale_after(frequency: &Frequency, now: Timestamp) -> jiff::SignedDuration {
    match frequency.interval(now) {
        None => jiff::SignedDuration::from_hours(MANUAL_STALE_HOURS),
        Some(interval) => {
            (interval.saturating_mul(2)).max(jiff::SignedDuration::from_hours(STALE_FLOOR_HOURS))
        }
    }
}
