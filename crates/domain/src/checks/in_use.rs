//! What is in use: applications that users log in to, and connections that they can log in through.

use super::Severity;
use super::objects::Object;
use crate::inconclusive::Inconclusive;
use crate::readings::{AppType, Client, Clients, Connection, Connections, Field, GrantType, Texts};
use crate::tenant::Tenant;

/// The strategy of Auth0's own databases.
pub const DATABASE: &str = "auth0";

/// Strategies whose users have a password that the tenant checks: its own databases, also custom ones, and directories.
const WITH_PASSWORDS: [&str; 4] = [DATABASE, "ad", "auth0-adldap", "custom"];

/// Whether it redirects users: not if it only gets tokens for itself.
pub fn sends_users(app: &Client) -> Result<bool, Inconclusive> {
    app.grant_types.known()?.has_other_than(&GrantType::ClientCredentials)
}

/// Whether it is known that no user logs in to it. SAML and WS-Federation need no grant, so an application with callbacks
/// may use them, and so may one without grants that is not marked as a machine.
fn is_machine(app: &Client) -> bool {
    let has_callbacks = app.callbacks.ok().is_none_or(|callbacks| !callbacks.is_empty());
    let has_no_grant = app.grant_types.ok().is_some_and(|grants| grants.is_empty() == Ok(true));
    let is_marked = app.app_type.ok() == Some(&AppType::NonInteractive);
    sends_users(app) == Ok(false) && !has_callbacks && (is_marked || !has_no_grant)
}

/// Whether it is the tenant's own client, which holds legacy settings. An answer that leaves `global` out has it without
/// what every application has (recordings).
pub fn is_global(app: &Client) -> Result<bool, Inconclusive> {
    let is_bare = app.grant_types.is_absent()
        && app.jwt_configuration.is_absent()
        && app.oidc_conformant.is_absent()
        && app.app_type.is_absent();
    Ok(*app.global.known()? || (app.global.is_absent() && is_bare))
}

/// The applications of a tenant.
pub fn applications(clients: &Clients) -> impl Iterator<Item = &Client> + Clone {
    clients.0.iter().filter(|app| is_global(app) != Ok(true))
}

/// The application of this client ID.
pub fn application<'a>(clients: &'a Clients, id: &str) -> Option<&'a Client> {
    let by_id = |app: &Client| app.client_id.ok().map_or("", |of| of.as_str()).cmp(id);
    clients.0.binary_search_by(by_id).ok().map(|place| &clients.0[place])
}

/// The severity of a failing connection: no more than info if users of no application can log in through it.
pub fn graded(connection: &Object<'_, Connection>, severity: Severity) -> Severity {
    if is_unused(connection.tenant, connection.item) { Severity::Info } else { severity }
}

/// Whether it is known that no application logs users in by a password of the tenant's.
pub fn no_one_has_a_password(tenant: &Tenant) -> bool {
    let Some(connections) = tenant.find::<Connections>() else { return false };
    let has_none = |each: &Connection| match each.strategy.ok() {
        Some(strategy) if !WITH_PASSWORDS.contains(&strategy.as_str()) => true,
        Some(_) => is_unused(tenant, each),
        None => false,
    };
    // A tenant without any connection is not in use yet.
    !connections.0.is_empty() && connections.0.iter().all(has_none)
}

/// Whether it is known that no application logs users in through it.
fn is_unused(tenant: &Tenant, connection: &Connection) -> bool {
    let Field::Known(enabled) = &connection.enabled_clients else { return false };
    let clients = tenant.find::<Clients>();
    let is_of_machine =
        |id: &str| clients.and_then(|clients| application(clients, id)).is_some_and(is_machine);
    Texts::iter(enabled).all(is_of_machine)
}
