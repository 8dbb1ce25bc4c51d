//! What is in use: applications that users log in to, and connections that they can log in through.

use super::Severity;
use super::objects::Object;
use crate::readings::{Client, Clients, Connection, Connections, Field, GrantType, Texts};
use crate::tenant::Tenant;
use crate::unknown_reason::Inconclusive;

/// The strategy of Auth0's own databases.
pub const DATABASE: &str = "auth0";

/// Whether it redirects users: not if it only gets tokens for itself.
pub fn sends_users(app: &Client) -> Result<bool, Inconclusive> {
    app.grant_types.known()?.has_other_than(&GrantType::ClientCredentials)
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
        Some(strategy) if strategy.as_str() != DATABASE => true,
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
    let is_machine = |id: &str| {
        let app = clients.and_then(|clients| application(clients, id));
        app.is_some_and(|app| sends_users(app) == Ok(false))
    };
    Texts::iter(enabled).all(is_machine)
}
