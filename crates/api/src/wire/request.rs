//! Schemas of the bodies that clients send. They document: `domain::form` reads the bodies, and a
//! test there and here keeps the two in step.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The form that Save and Test Connection take.
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
pub struct NewIntegration {
    /// For people. Default: the tenant's domain.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Where calls go. `https://host`, with or without `/api/v2/`, is brought to its normal form.
    #[schema(min_length = 1, max_length = 512)]
    pub api_identifier: String,
    /// The Client ID of the Auth0 application.
    #[schema(min_length = 1, max_length = 255)]
    pub client_id: String,
    /// The Client Secret of the Auth0 application. It is never shown again.
    #[schema(min_length = 1, max_length = 1024, write_only, format = Password)]
    pub client_secret: String,
    /// What the token is for: the Identifier of the Auth0 Management API.
    #[schema(min_length = 1, max_length = 512)]
    pub api_audience: String,
    /// Names the asset uniquely inside the organisation. Default: the tenant's domain.
    #[schema(max_length = 200)]
    pub asset_name: Option<String>,
    /// When it syncs by itself. Default: once a day.
    pub auto_sync_frequency: Option<AutoSyncFrequency>,
    /// When the secret expires, for reminders. In the future.
    pub client_secret_expires_at: Option<Timestamp>,
    /// False: no syncs. Default: true.
    pub enabled: Option<bool>,
}

/// The changed fields of an integration (JSON Merge Patch, RFC 7396). A field that is absent stays;
/// null puts an optional one back to its default; `auto_sync_frequency` is replaced whole.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"auto_sync_frequency": {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}}))]
pub struct IntegrationChanges {
    /// For people; null for the tenant's domain.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Where calls go.
    #[schema(min_length = 1, max_length = 512, nullable = false)]
    pub api_identifier: Option<String>,
    /// The Client ID of the Auth0 application.
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub client_id: Option<String>,
    /// A new secret. Blank or absent: unchanged.
    #[schema(max_length = 1024, write_only, nullable = false, format = Password)]
    pub client_secret: Option<String>,
    /// Of the same tenant: another tenant is another integration.
    #[schema(min_length = 1, max_length = 512, nullable = false)]
    pub api_audience: Option<String>,
    /// Null for the tenant's domain.
    #[schema(max_length = 200)]
    pub asset_name: Option<String>,
    /// Null for once a day.
    pub auto_sync_frequency: Option<AutoSyncFrequency>,
    /// Null when it is not known.
    pub client_secret_expires_at: Option<Timestamp>,
    /// False: no syncs. Null for true.
    pub enabled: Option<bool>,
}

/// The client secret that is to follow the present one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "client_secret": "the rotated secret of the Auth0 application",
    "client_secret_expires_at": "2099-12-31T00:00:00Z"
}))]
pub struct NextSecret {
    /// It is never shown again.
    #[schema(min_length = 1, max_length = 1024, write_only, format = Password)]
    pub client_secret: String,
    /// When it expires, for reminders. In the future; null or absent when it is not known.
    pub client_secret_expires_at: Option<Timestamp>,
}

/// Nothing to say: an empty object, or no body at all.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct EmptyBody {}

/// When an integration syncs by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"every": "1d"}))]
#[expect(dead_code, reason = "a schema: values are read and written as JSON")]
pub enum AutoSyncFrequency {
    /// Only when asked.
    Manual(Manual),
    /// At a fixed interval.
    Every(Every),
    /// By a cron expression.
    Cron(Cron),
}

/// Only when asked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ManualFrequency)]
#[expect(dead_code, reason = "a schema: values are read and written as JSON")]
pub enum Manual {
    /// Only when asked.
    Manual,
}

/// At a fixed interval.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IntervalFrequency)]
pub struct Every {
    /// A whole number of minutes, hours or days, from `15m` to `30d`.
    #[schema(pattern = "^[0-9]{1,6}[mhd]$", example = "1d")]
    pub every: String,
}

/// By a cron expression. Two runs are at least 15 minutes apart.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CronFrequency)]
pub struct Cron {
    /// Five fields: minute, hour, day of the month, month, day of the week.
    #[schema(max_length = 120, example = "0 3 * * *")]
    pub cron: String,
    /// An IANA name. Null or absent: UTC.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<String>,
}
