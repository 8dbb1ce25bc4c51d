//! The configuration form: the first thing a user reads. Its texts are in `form/texts.rs`.

mod help_texts;

use std::collections::BTreeSet;

use domain::checks;
use domain::frequency::{CEILING_DAYS, FLOOR_MINUTES};
use domain::readings::{Part, ReadingKind};
use domain::scope;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::request::AutoSyncFrequency;

/// Everything it takes to fill in the form.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfigurationForm {
    /// The inputs, in the order in which to show them.
    pub fields: Vec<FormField>,
    /// What the Auth0 application is to be granted.
    pub scopes: FormScopes,
    /// What Auto Sync Frequency can be.
    pub sync_frequencies: SyncFrequencies,
    /// How to create the Auth0 application, step by step.
    pub setup_steps: Vec<SetupStep>,
    /// Where this service's calls come from, for tenants with an allow-list; empty when the
    /// operator has not said.
    pub outgoing_addresses: Vec<String>,
}

/// One input.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormField {
    /// The member of the request body.
    pub name: &'static str,
    /// As SAFE's pages call it.
    pub label: &'static str,
    /// Whether Save needs it.
    pub required: bool,
    /// Whether it is write-only.
    pub secret: bool,
    /// What it is and where to find it.
    pub help: &'static str,
    /// What one looks like.
    pub placeholder: Option<&'static str>,
    /// What it is when it is left out.
    pub default: Option<&'static str>,
    /// JSON Schema (2020-12) of the value.
    #[schema(value_type = Object)]
    pub schema: Value,
}

/// Scopes by whether they are needed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormScopes {
    /// Without each of these Save is refused.
    pub required: Vec<FormScope>,
    /// Each of these switches further checks on.
    pub optional: Vec<FormScope>,
}

/// One scope, and what it is good for.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormScope {
    /// Its name in Auth0.
    pub scope: &'static str,
    /// The readings it opens.
    pub readings: Vec<&'static str>,
    /// Where it opens only a part of a reading, which takes a scope of its own: the members of its objects.
    /// Empty: it opens all of it.
    pub members: Vec<&'static str>,
    /// The checks that it feeds.
    pub checks: Vec<&'static str>,
    /// What to know before it is granted.
    pub note: Option<&'static str>,
}

/// What Auto Sync Frequency can be.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncFrequencies {
    /// When nothing is said.
    #[schema(value_type = AutoSyncFrequency)]
    pub default: Value,
    /// Good choices, to be shown as a list.
    pub presets: Vec<FrequencyPreset>,
    /// The shortest interval, also between two runs of a cron expression, in minutes.
    pub shortest_minutes: i64,
    /// The longest interval, in minutes.
    pub longest_minutes: i64,
    /// How to write a cron expression.
    pub cron_help: &'static str,
}

/// One choice.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrequencyPreset {
    /// For people.
    pub label: &'static str,
    /// The value of `auto_sync_frequency`.
    #[schema(value_type = AutoSyncFrequency)]
    pub value: Value,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupStep {
    /// From 1.
    pub number: usize,
    /// In a few words.
    pub title: &'static str,
    /// What to do.
    pub text: String,
    /// Where in Auth0's dashboard.
    pub dashboard_path: Option<&'static str>,
}

impl ConfigurationForm {
    /// With the operator's facts.
    pub fn new(outgoing_addresses: Vec<String>) -> Self {
        Self {
            fields: help_texts::fields(),
            scopes: FormScopes {
                required: scope::REQUIRED.into_iter().map(FormScope::new).collect(),
                optional: scope::optional().into_iter().map(FormScope::new).collect(),
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
