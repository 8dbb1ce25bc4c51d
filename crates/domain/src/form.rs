//! Parses the configuration form and collects all faults. A connection test finds out whether the values
//! work.

mod edit;
mod fields;
mod next_secret;

pub use edit::{EditedSettings, IntegrationEdit};
pub use fields::Edit;
pub use next_secret::NewNextSecret;

use secrecy::SecretString;
use serde_json::{Map, Value};

use jiff::Timestamp;

use crate::address::{AllowedOrigins, TenantAddress};
use crate::connection::Connection;
use crate::fault::{Fault, Faults};
use crate::integration::Settings;
use fields::Reader;

/// Default of `enabled`.
const ENABLED_DEFAULT: bool = true;
/// Members accepted in requests.
const WRITABLE: [&str; 9] = [
    "name",
    "api_identifier",
    "client_id",
    "client_secret",
    "api_audience",
    "asset_name",
    "auto_sync_frequency",
    "client_secret_expires_at",
    "enabled",
];
/// Read-only members: in responses, but not accepted in requests.
const READ_ONLY: [&str; 10] = [
    "id",
    "state",
    "next_sync_at",
    "last_sync",
    "stale",
    "created_at",
    "updated_at",
    "paused_at",
    "failing_since",
    "deleted_at",
];

/// A complete form: the body for creating an integration and for testing a connection.
#[derive(Debug, Clone)]
pub struct NewIntegration {
    /// Everything but the secret, with defaults.
    pub settings: Settings,
    /// Whether the asset name is the default: if it is taken, another one is chosen.
    pub has_default_asset_name: bool,
    pub client_secret: SecretString,
    /// Connection fields that were normalised.
    pub normalised: Vec<&'static str>,
}

impl NewIntegration {
    /// Parses the body. Faults never contain a value.
    pub fn parse(body: &Value, allowed: &AllowedOrigins, now: Timestamp) -> Result<Self, Faults> {
        let map = object(body)?;
        let mut reader = Reader::new(map, allowed, now);
        reader.refuse_strangers();
        let api_identifier = reader.address("api_identifier");
        let api_audience = reader.address("api_audience");
        let client_id = reader.client_id();
        let client_secret = reader.secret();
        for (field, is_missing) in [
            ("api_identifier", api_identifier.is_none()),
            ("client_id", client_id.is_none()),
            ("client_secret", client_secret.is_none()),
            ("api_audience", api_audience.is_none()),
        ] {
            if is_missing {
                reader.require(field);
            }
        }
        let name = reader.label("name");
        let asset_name = reader.label("asset_name");
        let frequency = reader.frequency();
        let expires_at = reader.expiry();
        let enabled = reader.boolean("enabled");
        let (normalised, mut faults) = reader.finish();
        if let (Some(identifier), Some(audience)) = (&api_identifier, &api_audience)
            && are_two_tenants(identifier, audience)
        {
            let detail = "belongs to another tenant than the API Identifier";
            faults.push(Fault::at("/api_audience", detail));
        }
        let (Some(api_identifier), Some(api_audience), Some(client_id), Some(client_secret), []) =
            (api_identifier, api_audience, client_id, client_secret, faults.as_slice())
        else {
            return Err(Faults(faults));
        };
        let domain = api_audience.domain();
        let asset_name = asset_name.and_then(Edit::into_value);
        let has_default_asset_name = asset_name.is_none();
        let settings = Settings {
            name: name.and_then(Edit::into_value).unwrap_or_else(|| domain.clone()),
            asset_name: asset_name.unwrap_or(domain),
            api_identifier,
            api_audience,
            client_id,
            auto_sync_frequency: frequency.and_then(Edit::into_value).unwrap_or_default(),
            client_secret_expires_at: expires_at.and_then(Edit::into_value),
            enabled: enabled.and_then(Edit::into_value).unwrap_or(ENABLED_DEFAULT),
        };
        Ok(Self { settings, has_default_asset_name, client_secret, normalised })
    }

    /// The connection without its secret.
    pub fn connection(&self) -> Connection {
        self.settings.connection(self.client_secret.clone())
    }
}

impl Settings {
    /// The connection with this secret.
    pub fn connection(&self, client_secret: SecretString) -> Connection {
        Connection {
            api_identifier: self.api_identifier.clone(),
            api_audience: self.api_audience.clone(),
            client_id: self.client_id.clone(),
            client_secret,
        }
    }
}

/// Names of the fields with a value.
pub fn fields_of(settings: &Settings) -> Vec<&'static str> {
    let is_set = |field: &&str| {
        *field != "client_secret_expires_at" || settings.client_secret_expires_at.is_some()
    };
    WRITABLE.into_iter().filter(is_set).collect()
}

/// Two hosts of Auth0's own are two tenants: a token for the one is no use at the other.
fn are_two_tenants(identifier: &TenantAddress, audience: &TenantAddress) -> bool {
    let are_auth0 = identifier.is_auth0_host() && audience.is_auth0_host();
    are_auth0 && identifier.host() != audience.host()
}

fn object(body: &Value) -> Result<&Map<String, Value>, Faults> {
    body.as_object().ok_or_else(|| Fault::at("", "must be a JSON object").into())
}

#[cfg(test)]
mod tests;
