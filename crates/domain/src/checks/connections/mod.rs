//! The sources of users: `connections`. No computed fixes: Auth0 replaces the options of a connection as a whole, and
//! some are secrets that are not stored.

pub mod connection_brute_force_protection_off;
pub mod connection_custom_scripts;
pub mod connection_developer_keys;
pub mod connection_enabled_for_machines;
pub mod connection_import_mode_on;
pub mod connection_mfa_off;
pub mod connection_no_passkey;
pub mod connection_password_checks_missing;
pub mod connection_password_policy_weak;
pub mod connection_public_signup;

use super::in_use::DATABASE;
use super::prelude::*;
use crate::readings::parts::CONNECTION_OPTIONS;
use crate::readings::{Connection, ConnectionOptions};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &connection_password_policy_weak::CHECK,
    &connection_password_checks_missing::CHECK,
    &connection_public_signup::CHECK,
    &connection_brute_force_protection_off::CHECK,
    &connection_no_passkey::CHECK,
    &connection_developer_keys::CHECK,
    &connection_mfa_off::CHECK,
    &connection_custom_scripts::CHECK,
    &connection_import_mode_on::CHECK,
    &connection_enabled_for_machines::CHECK,
];

const KIND: ReadingKind = ReadingKind::Connections;
/// Of a finding: `connections/{id}`.
const RESOURCE: &str = "connections";

/// Social strategies that a tenant may have without keys of its own: recorded responses, and those whose options have an
/// optional client ID in Auth0's SDKs. The others use other keys, or always their own.
const SOCIAL: [&str; 37] = [
    "amazon",
    "apple",
    "baidu",
    "bitbucket",
    "bitly",
    "box",
    "daccount",
    "dropbox",
    "dwolla",
    "evernote",
    "evernote-sandbox",
    "exact",
    "facebook",
    "fitbit",
    "github",
    "google-oauth2",
    "instagram",
    "line",
    "linkedin",
    "paypal",
    "paypal-sandbox",
    "planningcenter",
    "salesforce",
    "salesforce-community",
    "salesforce-sandbox",
    "shop",
    "shopify",
    "soundcloud",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
    "yandex",
];

/// Those of them for which a recording shows it.
const RECORDED: [&str; 9] = [
    "apple",
    "facebook",
    "github",
    "google-oauth2",
    "line",
    "linkedin",
    "salesforce",
    "windowslive",
    "wordpress",
];

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Authentication > (the kind of connection) > (the connection)",
        steps,
        call: None,
        required_scope: None,
        side_effects: SideEffects::on_users(
            "New passwords and signups of the connection follow stricter rules; existing ones stay.",
        ),
    }
}

fn is_database(connection: &Object<'_, Connection>) -> Result<bool, Inconclusive> {
    Ok(connection.item.strategy.known()?.as_str() == DATABASE)
}

fn is_social(connection: &Object<'_, Connection>) -> Result<bool, Inconclusive> {
    Ok(SOCIAL.contains(&connection.item.strategy.known()?.as_str()))
}

/// The options of a connection, which need a separate scope.
fn options<'a>(connection: &Object<'a, Connection>) -> Result<&'a ConnectionOptions, Inconclusive> {
    connection.part(&CONNECTION_OPTIONS, &connection.item.options)
}
