//! The applications of a tenant: `clients`. No check is about the tenant's own "All Applications"
//! client (`global`): it stands for legacy settings, and nobody logs in with it (Auth0's schema of
//! `clients`).

pub mod application_authentication_none;
pub mod application_cross_origin_authentication;
pub mod application_id_token_hs256;
pub mod application_insecure_grant;
pub mod application_insecure_url;
pub mod application_not_oidc_conformant;
pub mod application_refresh_token_unbounded;
pub mod application_requests_not_hardened;
pub mod application_shared_secret;
pub mod application_third_party_permissive;
pub mod application_trusts_forwarded_ip;
pub mod application_wildcard_callback;

use super::prelude::*;
use super::three_valued;
use crate::readings::parts::CLIENT_AUTHENTICATION_METHODS;
use crate::readings::{AppType, Client, Field, GrantType, Texts};

const KIND: ReadingKind = ReadingKind::Clients;
/// Of each finding: `clients/{client ID}`.
const RESOURCE: &str = "clients";

const BY_SECRET: Expected = Expected::OneOf(&["client_secret_post", "client_secret_basic"]);

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > Applications > (the application) > Settings",
        steps,
        call: Some((Method::Patch, "/api/v2/clients/{id}")),
        required_scope: Some("update:clients"),
    }
}

/// Whether it is an application at all. Absent, it is one: only those are asked for
/// (`is_global=false`), and Auth0's schema says the same.
pub fn is_of_the_tenant(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    Ok(!*app.item.global.known_or(&false)?)
}

/// Whether it is one, and not our own: this service proves itself by a secret and asks for plain
/// tokens, so a finding would ask for what breaks the integration.
fn is_another(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    let is_ours = app.item.client_id.known()?.to_string() == app.tenant.client_id;
    Ok(!is_ours && is_of_the_tenant(app)?)
}

/// Whether it can keep a secret (RFC 6749 section 2.1): what runs on a server can.
fn can_keep_a_secret(app: &Client) -> Result<bool, Inconclusive> {
    Ok(!matches!(app.app_type.known()?, AppType::Native | AppType::Spa))
}

/// Whether it can, and its requests are of the customer's making: those of a ready-made integration are not.
fn is_confidential(app: &Client) -> Result<bool, Inconclusive> {
    Ok(matches!(app.app_type.known()?, AppType::RegularWeb | AppType::NonInteractive))
}

/// Whether it proves itself by a key or a certificate. Auth0 has either that or a method by secret, and
/// gives the former with a scope of its own: without it, an application with neither may have a key.
fn proves_itself_by_key(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    let by_key = app.item.client_authentication_methods.ok().is_some_and(|methods| {
        let by = [
            &methods.private_key_jwt,
            &methods.tls_client_auth,
            &methods.self_signed_tls_client_auth,
        ];
        by.iter().any(|method| method.ok().is_some())
    });
    let by_secret = &app.item.token_endpoint_auth_method;
    let is_unset =
        matches!(by_secret, Field::Absent | Field::NotUnderstood(serde_json::Value::Null));
    if !by_key && is_unset {
        app.part(&CLIENT_AUTHENTICATION_METHODS, &app.item.client_authentication_methods)?;
    }
    if by_key { Ok(true) } else { by_secret.known().map(|_| false) }
}

/// Whether it sends users anywhere: not if all it has is tokens for itself.
fn sends_users(app: &Client) -> Result<bool, Inconclusive> {
    app.grant_types.known()?.has_other_than(&GrantType::ClientCredentials)
}

/// Fails where a list of URLs has offending ones and the application sends users there. A list that
/// was never set is not there (recorded answers of Auth0), and allows nothing of its own: without
/// `allowed_origins` the callbacks are allowed (Auth0's schema), which are judged anyway.
fn urls(
    app: &Object<'_, Client>,
    severity: Severity,
    is_offending: impl Fn(&str) -> Result<bool, Inconclusive>,
) -> Judgement {
    let lists: [(&str, &Field<Texts>); 4] = [
        ("/callbacks", &app.item.callbacks),
        ("/web_origins", &app.item.web_origins),
        ("/allowed_origins", &app.item.allowed_origins),
        ("/allowed_logout_urls", &app.item.allowed_logout_urls),
    ];
    let sends_users = sends_users(app.item);
    let none = Texts::default();
    let is_wrong = three_valued::any(lists.map(|(_, list)| {
        list.known_or(&none).and_then(|urls| three_valued::any(urls.iter().map(&is_offending)))
    }));
    if !three_valued::all([sends_users, is_wrong])? {
        return Ok(Verdict::Pass);
    }
    let mut shown = Vec::new();
    for (pointer, list) in lists {
        let urls = list.ok().into_iter().flat_map(Texts::iter);
        let offending: Vec<&str> = urls.filter(|url| is_offending(url) == Ok(true)).collect();
        if !offending.is_empty() {
            shown.push(app.lists(pointer, &offending));
        }
    }
    Violation::from_evidence(severity, shown).into_failure()
}
