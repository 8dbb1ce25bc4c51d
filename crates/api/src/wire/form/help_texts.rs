//! Texts of the configuration form, in the order in which a user reads them.

use domain::scope::REQUIRED;
use serde_json::{Value, json};

use super::{FormField, FrequencyPreset, SetupStep};

pub const CRON_HELP: &str = "Five fields: minute, hour, day of the month, month, day of the week; for \
    example {\"cron\": \"0 3 * * *\", \"time_zone\": \"Europe/Berlin\"} runs at three every night. The \
    time zone is an IANA name and UTC by default. Two runs must be at least 15 minutes apart.";

/// Inputs, in display order.
pub fn fields() -> Vec<FormField> {
    let mut fields = connection_fields();
    fields.extend(other_fields());
    fields
}

fn connection_fields() -> Vec<FormField> {
    // No `format`: the bare domain is taken too.
    let address = json!({"type": "string", "minLength": 1, "maxLength": 512});
    vec![
        required(
            "api_identifier",
            "API Identifier",
            "Where this service calls your tenant: https://YOUR-TENANT.auth0.com/api/v2/ with your \
             tenant's region, as shown under Applications > APIs > Auth0 Management API. Pasting the \
             bare domain works too.",
            Some("https://acme.eu.auth0.com/api/v2/"),
            address.clone(),
        ),
        required(
            "client_id",
            "Client ID",
            "From the Settings tab of the machine-to-machine application made for SAFE.",
            Some("aBcD1234eFgH5678iJkL9012mNoP3456"),
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
        ),
        FormField {
            secret: true,
            ..required(
                "client_secret",
                "Client Secret",
                "From the same tab. It is stored encrypted, never shown again, and destroyed when \
                 the integration is deleted. When you edit, leave it blank to keep the saved one.",
                None,
                // No `minLength`: blank keeps the saved one.
                json!({"type": "string", "maxLength": 1024, "writeOnly": true}),
            )
        },
        required(
            "api_audience",
            "API Audience",
            "The audience of the access tokens: the Identifier of the Auth0 Management API. It is on the \
             tenant's own domain, also when you use a custom domain, and usually equals the API \
             Identifier.",
            Some("https://acme.eu.auth0.com/api/v2/"),
            address,
        ),
    ]
}

fn other_fields() -> Vec<FormField> {
    let text = json!({"type": ["string", "null"], "maxLength": 200});
    vec![
        optional(
            "asset_name",
            "Asset Name in SAFE",
            "Identifies this tenant among your organisation's assets, so it must be unique there.",
            Some("acme-auth0-prod"),
            Some("the tenant's domain"),
            text.clone(),
        ),
        optional(
            "auto_sync_frequency",
            "Auto Sync Frequency",
            "How often the tenant syncs automatically. Manual syncs are always possible.",
            None,
            Some("once a day"),
            frequency_schema(),
        ),
        optional(
            "name",
            "Name",
            "Display name in the list of integrations.",
            Some("Acme production"),
            Some("the tenant's domain"),
            text,
        ),
        optional(
            "client_secret_expires_at",
            "Client Secret expires",
            "If your secrets expire, enter the date to get a reminder.",
            Some("2027-01-31T00:00:00.000000Z"),
            None,
            json!({"type": ["string", "null"], "format": "date-time"}),
        ),
        optional(
            "enabled",
            "Enabled",
            "Switch off to keep the integration without any syncs.",
            None,
            Some("true"),
            json!({"type": ["boolean", "null"], "default": true}),
        ),
    ]
}

fn required(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    placeholder: Option<&'static str>,
    schema: Value,
) -> FormField {
    FormField { required: true, ..optional(name, label, help, placeholder, None, schema) }
}

fn optional(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    placeholder: Option<&'static str>,
    default: Option<&'static str>,
    schema: Value,
) -> FormField {
    FormField { name, label, required: false, secret: false, help, placeholder, default, schema }
}

fn frequency_schema() -> Value {
    json!({
        "oneOf": [
            {"const": "manual"},
            {
                "type": "object", "required": ["every"], "additionalProperties": false,
                "properties": {"every": {"type": "string", "pattern": "^[0-9]{1,6}[mhd]$"}}
            },
            {
                "type": "object", "required": ["cron"], "additionalProperties": false,
                "properties": {
                    "cron": {"type": "string", "maxLength": 120},
                    "time_zone": {"type": ["string", "null"], "default": "UTC"}
                }
            },
            {"type": "null"}
        ],
        "default": {"every": "1d"}
    })
}

/// Suggested frequencies.
pub fn presets() -> Vec<FrequencyPreset> {
    let preset = |label, value| FrequencyPreset { label, value };
    vec![
        preset("Every hour", json!({"every": "1h"})),
        preset("Every 6 hours", json!({"every": "6h"})),
        preset("Every 12 hours", json!({"every": "12h"})),
        preset("Once a day", json!({"every": "1d"})),
        preset("Once a week", json!({"every": "7d"})),
        preset("Every night at three (UTC)", json!({"cron": "0 3 * * *", "time_zone": "UTC"})),
        preset("Only when I ask", json!("manual")),
    ]
}

/// Steps to create the application in Auth0's dashboard.
pub fn setup_steps(outgoing_addresses: &[String]) -> Vec<SetupStep> {
    let mut steps: Vec<(&str, String, Option<&str>)> = vec![
        (
            "Open the application list of your tenant",
            "Sign in to the Auth0 dashboard as an administrator, choose the tenant to be watched at \
             the top left, and go to Applications > Applications."
                .into(),
            Some("Applications > Applications"),
        ),
        (
            "Create an application for SAFE alone",
            "Press Create Application, name it for example \"SAFE\", choose Machine to Machine \
             Applications and press Create. A separate application can be revoked on its own."
                .into(),
            Some("Applications > Applications > Create Application"),
        ),
        (
            "Authorise it for the Auth0 Management API",
            format!(
                "Select the API named Auth0 Management API, tick exactly these three permissions: \
                 {}; then press Authorize. No write permission is needed, and Test Connection \
                 lists superfluous permissions. Further read permissions are optional: \
                 each one enables more checks.",
                REQUIRED.join(", ")
            ),
            Some("Applications > APIs > Auth0 Management API > Machine to Machine Applications"),
        ),
        (
            "Copy the Client ID and the Client Secret",
            "On the Settings tab of the new application copy Client ID and Client Secret into this \
             form. Leave the authentication method at Client Secret (Post), and the grant type \
             Client Credentials switched on."
                .into(),
            Some("Applications > Applications > SAFE > Settings"),
        ),
        (
            "Copy the identifier of the Management API",
            "Go to Applications > APIs > Auth0 Management API > Settings and copy the Identifier, \
             with its last slash, into API Identifier and into API Audience."
                .into(),
            Some("Applications > APIs > Auth0 Management API > Settings"),
        ),
    ];
    if !outgoing_addresses.is_empty() {
        steps.push((
            "Allow calls from this service",
            format!(
                "If a Tenant Access Control List or a firewall protects the tenant, allow calls from \
                 {}.",
                outgoing_addresses.join(", ")
            ),
            None,
        ));
    }
    steps.push((
        "Test, then save",
        "Press Test Connection. Each step shows its result and what to do about it. Save once the outcome \
         is connected."
            .into(),
        None,
    ));
    let numbered = steps.into_iter().zip(1..);
    numbered
        .map(|((title, text, dashboard_path), number)| SetupStep {
            number,
            title,
            text,
            dashboard_path,
        })
        .collect()
}
