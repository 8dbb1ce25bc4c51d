//! Schemas of request bodies. `domain::form` parses the bodies; tests on both sides compare the two.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Configuration of an integration, for creating it and for testing a connection.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Acme production",
    "api_identifier": "https://acme.eu.auth0.com/api/v2/",
    "client_id": "aBcD1234eFgH5678",
    "client_secret": "the secret of the Auth0 application",
    "api_audience": "https://acme.eu.auth0.com/api/v2/",
    "asset_name": "acme-auth0-prod",
    "auto_sync_frequency": {"every": "1d"},
    "client_secret_expires_at": "2099-12-31T00:00:00Z",
    "enabled": true
}))]
pub struct IntegrationInput {
    /// Display name. Default: the tenant's domain.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Base address of the Management API. `https://host`, with or without `/api/v2/`, is normalised.
    #[schema(min_length = 1, max_length = 512)]
    pub api_identifier: String,
    /// Client ID of the Auth0 application.
    #[schema(min_length = 1, max_length = 255)]
    pub client_id: String,
    /// Client Secret of the Auth0 application. It is never returned.
    #[schema(min_length = 1, max_length = 1024, format = Password)]
    pub client_secret: String,
    /// Audience of the access tokens: the Identifier of the Auth0 Management API.
    #[schema(min_length = 1, max_length = 512)]
    pub api_audience: String,
    /// Name of the asset. Unique within the organisation. Default: the tenant's domain.
    #[schema(max_length = 200)]
    pub asset_name: Option<String>,
    /// Schedule of automatic syncs. Default: once a day.
    pub auto_sync_frequency: Option<AutoSyncFrequency>,
    /// When the secret expires, for reminders. Must be in the future.
    pub client_secret_expires_at: Option<Timestamp>,
    /// False: the integration does not sync. Default: true.
    pub enabled: Option<bool>,
}

/// Changes to an integration (JSON Merge Patch, RFC 7396). Absent fields keep their value; null resets an
/// optional field to its default; `auto_sync_frequency` is replaced as a whole.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"auto_sync_frequency": {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}}))]
pub struct IntegrationChanges {
    /// Display name. Null: the tenant's domain.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Base address of the Management API.
    #[schema(min_length = 1, max_length = 512, nullable = false)]
    pub api_identifier: Option<String>,
    /// Client ID of the Auth0 application.
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub client_id: Option<String>,
    /// A new secret. Blank or absent: unchanged.
    #[schema(max_length = 1024, nullable = false, format = Password)]
    pub client_secret: Option<String>,
    /// Must name the same tenant: another tenant needs another integration.
    #[schema(min_length = 1, max_length = 512, nullable = false)]
    pub api_audience: Option<String>,
    /// Null: the tenant's domain.
    #[schema(max_length = 200)]
    pub asset_name: Option<String>,
    /// Null: once a day.
    pub auto_sync_frequency: Option<AutoSyncFrequency>,
    /// Null: not known.
    pub client_secret_expires_at: Option<Timestamp>,
    /// False: the integration does not sync. Null: true.
    pub enabled: Option<bool>,
}

/// The client secret that replaces the current one once Auth0 refuses that.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "client_secret": "the rotated secret of the Auth0 application",
    "client_secret_expires_at": "2099-12-31T00:00:00Z"
}))]
pub struct NextSecret {
    /// The secret is never returned.
    #[schema(min_length = 1, max_length = 1024, format = Password)]
    pub client_secret: String,
    /// When the secret expires, for reminders. Must be in the future. Null or absent: not known.
    pub client_secret_expires_at: Option<Timestamp>,
}

/// An empty object, or no body.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct EmptyObject {}

/// Schedule of automatic syncs: `manual`, or an interval or cron expression.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"every": "1d"}))]
#[expect(dead_code, reason = "a schema: values are read and written as JSON")]
pub enum AutoSyncFrequency {
    Manual(ManualFrequency),
    Schedule(SyncSchedule),
}

/// `manual`: no automatic syncs. Not an enumeration, which some generators cannot tell from an object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = String, pattern = "^manual$", example = "manual")]
pub struct ManualFrequency(String);

/// Either `every` or `cron`. One object, because generators cannot tell two apart.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}))]
pub struct SyncSchedule {
    /// An interval: a whole number of minutes, hours or days, from `15m` to `30d`.
    #[schema(
        min_length = 2,
        max_length = 7,
        pattern = "^[0-9]+[mhd]$",
        example = "1d",
        nullable = false
    )]
    pub every: Option<String>,
    /// A cron expression of five fields: minute, hour, day of the month, month, day of the week. Two runs must be at
    /// least 15 minutes apart.
    #[schema(min_length = 1, max_length = 120, example = "0 3 * * *", nullable = false)]
    pub cron: Option<String>,
    /// IANA time zone name of `cron`. Null or absent: UTC.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
}
