//! A partial form (JSON Merge Patch, RFC 7396): the body of an update, and of a test of changed fields.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use super::fields::{Edit, Reader};
use super::{ENABLED_DEFAULT, are_two_tenants, object};
use crate::address::{AllowedOrigins, TenantAddress};
use crate::fault::{Fault, Faults};
use crate::frequency::Frequency;
use crate::integration::Settings;

/// Fault for a new origin or client without its own secret.
const SECRET_NEEDED: &str = "is needed in the same body: the saved secret belongs to the saved API \
    Identifier and Client ID, and is never sent to another host or for another client";

/// Changed fields. `None` keeps a field.
#[derive(Debug, Clone, Default)]
pub struct IntegrationEdit {
    name: Option<Edit<String>>,
    api_identifier: Option<TenantAddress>,
    api_audience: Option<TenantAddress>,
    client_id: Option<String>,
    /// Blank and absent mean unchanged.
    pub client_secret: Option<SecretString>,
    asset_name: Option<Edit<String>>,
    auto_sync_frequency: Option<Edit<Frequency>>,
    client_secret_expires_at: Option<Edit<Timestamp>>,
    enabled: Option<Edit<bool>>,
    /// Connection fields that were normalised.
    pub normalised: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub struct EditedSettings {
    pub settings: Settings,
    /// Names of the changed fields, including `client_secret` if one was sent.
    pub changed: Vec<&'static str>,
}

impl EditedSettings {
    /// Whether a connection field changed.
    pub fn changes_connection(&self) -> bool {
        const CONNECTION: [&str; 4] =
            ["api_identifier", "api_audience", "client_id", "client_secret"];
        self.changed.iter().any(|field| CONNECTION.contains(field))
    }
}

impl EditedSettings {
    /// Whether the next scheduled sync must be computed again.
    pub fn changes_schedule(&self) -> bool {
        self.changed.iter().any(|field| matches!(*field, "auto_sync_frequency" | "enabled"))
    }
}

impl IntegrationEdit {
    /// Parses the body. Faults never contain a value.
    pub fn parse(body: &Value, allowed: &AllowedOrigins, now: Timestamp) -> Result<Self, Faults> {
        let map = object(body)?;
        let mut reader = Reader::new(map, allowed, now);
        reader.refuse_strangers();
        for field in ["api_identifier", "api_audience", "client_id", "client_secret"] {
            if map.get(field).is_some_and(Value::is_null) {
                reader.fault::<()>(field, "is required: it cannot be null");
            }
        }
        let client_secret = if reader.has_blank_secret() { None } else { reader.secret() };
        let enabled = reader.boolean("enabled");
        let mut edit = Self {
            name: reader.label("name"),
            api_identifier: reader.address("api_identifier"),
            api_audience: reader.address("api_audience"),
            client_id: if map.get("client_id").is_some_and(Value::is_null) {
                None
            } else {
                reader.client_id()
            },
            client_secret,
            asset_name: reader.label("asset_name"),
            auto_sync_frequency: reader.frequency(),
            client_secret_expires_at: reader.expiry(),
            enabled,
            normalised: Vec::new(),
        };
        let (normalised, faults) = reader.finish();
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        edit.normalised = normalised;
        Ok(edit)
    }

    /// Whether the body has an expiry of the secret.
    pub fn sets_expiry(&self) -> bool {
        self.client_secret_expires_at.is_some()
    }

    pub fn resets_asset_name(&self) -> bool {
        self.asset_name == Some(Edit::ToDefault)
    }

    /// Applies the edit. The audience of another tenant is rejected: findings and history belong to the
    /// tenant, so another tenant needs another integration. Another origin or client needs its own secret.
    /// `default_asset_name` is the default if the tenant's domain is taken.
    pub fn apply(
        &self,
        saved: &Settings,
        default_asset_name: Option<&str>,
    ) -> Result<EditedSettings, Faults> {
        let mut new = saved.clone();
        let mut faults = Vec::new();
        let domain = saved.api_audience.domain();
        if let Some(audience) = &self.api_audience {
            if audience.domain() != domain {
                let detail = "belongs to another tenant: make a new integration for it";
                faults.push(Fault::at("/api_audience", detail));
            }
            new.api_audience = audience.clone();
        }
        if let Some(address) = &self.api_identifier {
            if *address != saved.api_identifier && are_two_tenants(address, &saved.api_audience) {
                let detail = "belongs to another tenant than the API Audience";
                faults.push(Fault::at("/api_identifier", detail));
            }
            new.api_identifier = address.clone();
        }
        if let Some(client_id) = &self.client_id {
            new.client_id.clone_from(client_id);
        }
        if self.client_secret.is_none() && !new.shares_secret_with(saved) {
            faults.push(Fault::at("/client_secret", SECRET_NEEDED));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        if let Some(name) = &self.name {
            new.name = name.clone().into_value().unwrap_or_else(|| domain.clone());
        }
        if let Some(name) = &self.asset_name {
            let default = default_asset_name.map_or(domain, str::to_owned);
            new.asset_name = name.clone().into_value().unwrap_or(default);
        }
        if let Some(frequency) = &self.auto_sync_frequency {
            new.auto_sync_frequency = frequency.clone().into_value().unwrap_or_default();
        }
        if let Some(expiry) = &self.client_secret_expires_at {
            new.client_secret_expires_at = expiry.clone().into_value();
        }
        if let Some(enabled) = &self.enabled {
            new.enabled = enabled.clone().into_value().unwrap_or(ENABLED_DEFAULT);
        }
        let changed = changed_fields(saved, &new, self.client_secret.is_some());
        Ok(EditedSettings { settings: new, changed })
    }
}

fn changed_fields(old: &Settings, new: &Settings, has_secret: bool) -> Vec<&'static str> {
    let differs = [
        ("name", old.name != new.name),
        ("api_identifier", old.api_identifier != new.api_identifier),
        ("client_id", old.client_id != new.client_id),
        ("client_secret", has_secret),
        ("api_audience", old.api_audience != new.api_audience),
        ("asset_name", old.asset_name != new.asset_name),
        ("auto_sync_frequency", old.auto_sync_frequency != new.auto_sync_frequency),
        ("client_secret_expires_at", old.client_secret_expires_at != new.client_secret_expires_at),
        ("enabled", old.enabled != new.enabled),
    ];
    differs.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}
