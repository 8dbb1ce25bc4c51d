//! The configuration form. Its texts are in `form/help_texts.rs`.

mod help_texts;

use std::collections::BTreeSet;

use domain::checks;
use domain::checks::scopes;
use domain::frequency::{CEILING_DAYS, FLOOR_MINUTES};
use domain::readings::{Part, ReadingKind};
use domain::scope;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::request::AutoSyncFrequency;

/// Everything needed to render and fill in the configuration form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "fields": [{"name": "client_id", "label": "Client ID", "required": true, "secret": false, "help": "Copy it from Settings.",
        "placeholder": null, "default": null, "schema": {"type": "string", "minLength": 1, "maxLength": 255}}],
    "scopes": {
        "required": [{"scope": "read:stats", "readings": ["daily_stats"], "members": [], "checks": [], "note": null}],
        "optional": []
    },
    "sync_frequencies": {
        "default": {"every": "1d"}, "presets": [{"label": "Once a day", "value": {"every": "1d"}}],
        "shortest_minutes": 15, "longest_minutes": 43200, "cron_help": "Minute, hour, day of the month, month, day of the week."
    },
    "setup_steps": [{"number": 1, "title": "Open the application list of your tenant", "text": "Go to Applications.",
        "dashboard_path": "Applications > Applications"}],
    "outgoing_addresses": ["192.0.2.10"]
}))]
pub struct ConfigurationForm {
    /// Inputs, in display order.
    pub fields: Vec<FormField>,
    /// Scopes to grant to the Auth0 application.
    pub scopes: FormScopes,
    /// Values of Auto Sync Frequency.
    pub sync_frequencies: SyncFrequencies,
    /// Steps to create the Auth0 application.
    pub setup_steps: Vec<SetupStep>,
    /// Source addresses of this service's calls, for tenants with an allow-list. Empty: the operator has
    /// not configured any.
    pub outgoing_addresses: Vec<String>,
}

/// An input of the form.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormField {
    /// Name of the member in the request body.
    pub name: &'static str,
    /// Label on SAFE's pages.
    pub label: &'static str,
    /// Whether saving needs the field.
    pub required: bool,
    /// Whether the field is write-only.
    pub secret: bool,
    /// What the value is and where to find it.
    pub help: &'static str,
    /// Example value.
    pub placeholder: Option<&'static str>,
    /// Description of the default. Null: none.
    pub default: Option<&'static str>,
    #[schema(value_type = JsonSchema)]
    pub schema: Value,
}

/// JSON Schema (2020-12) of a value.
#[derive(ToSchema)]
#[schema(value_type = Object, example = json!({"type": "string", "minLength": 1, "maxLength": 255}))]
#[expect(dead_code, reason = "a schema: the values are JSON")]
pub struct JsonSchema(Value);

/// Scopes, required and optional.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormScopes {
    /// Saving is refused unless all of these are granted.
    pub required: Vec<FormScope>,
    /// Each of these enables more checks.
    pub optional: Vec<FormScope>,
}

/// A scope and what it enables.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormScope {
    /// Name in Auth0.
    pub scope: &'static str,
    /// Readings that need the scope.
    pub readings: Vec<&'static str>,
    /// Members that the scope adds to a reading that has another scope. Empty: the scope covers the whole
    /// reading.
    pub members: Vec<&'static str>,
    /// Checks that use the scope.
    pub checks: Vec<&'static str>,
    /// Advice before granting the scope.
    pub note: Option<&'static str>,
}

/// Values of Auto Sync Frequency.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncFrequencies {
    #[schema(value_type = AutoSyncFrequency)]
    pub default: Value,
    /// Suggested values, to be shown as a list.
    pub presets: Vec<FrequencyPreset>,
    /// Shortest interval in minutes, also between two runs of a cron expression.
    pub shortest_minutes: i64,
    /// Longest interval in minutes.
    pub longest_minutes: i64,
    /// Help text for cron expressions.
    pub cron_help: &'static str,
}

/// A suggested value.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrequencyPreset {
    /// Display name.
    pub label: &'static str,
    /// The value of `auto_sync_frequency`.
    #[schema(value_type = AutoSyncFrequency)]
    pub value: Value,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupStep {
    /// Counts from 1.
    pub number: usize,
    pub title: &'static str,
    /// Instructions.
    pub text: String,
    /// Path in Auth0's dashboard.
    pub dashboard_path: Option<&'static str>,
}

impl ConfigurationForm {
    pub fn new(outgoing_addresses: Vec<String>) -> Self {
        Self {
            fields: help_texts::fields(),
            scopes: FormScopes {
                required: scope::REQUIRED.into_iter().map(FormScope::new).collect(),
                optional: scopes::optional().into_iter().map(FormScope::new).collect(),
            },
            sync_frequencies: SyncFrequencies {
                default: domain::frequency::Frequency::default().to_json(),
                presets: help_texts::presets(),
                shortest_minutes: FLOOR_MINUTES,
                longest_minutes: CEILING_DAYS * 24 * 60,
                cron_help: help_texts::CRON_HELP,
            },
            setup_steps: help_texts::setup_steps(&outgoing_addresses),
            outgoing_addresses,
        }
    }
}

impl FormScope {
    fn new(scope: &'static str) -> Self {
        let parts = || Part::ALL.iter().filter(|part| part.scope() == scope);
        let whole = ReadingKind::ALL.iter().copied().filter(|kind| kind.scope() == Some(scope));
        let kinds: BTreeSet<ReadingKind> = whole.chain(parts().map(|part| part.reading)).collect();
        let fed = checks::all().filter(|check| check.scopes().contains(scope));
        Self {
            scope,
            readings: kinds.iter().map(|kind| kind.name()).collect(),
            members: parts().map(|part| part.member).collect(),
            checks: fed.map(|check| check.id).collect(),
            note: parts().map(|part| part.note).next(),
        }
    }
}
