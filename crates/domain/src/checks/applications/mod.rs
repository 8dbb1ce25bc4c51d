//! The applications of a tenant: `clients`. Checks ignore the tenant's own "All Applications" client (`global`): it
//! holds legacy settings, and nobody logs in with it (Auth0's schema of `clients`).

pub mod application_authentication_none;
pub mod application_cross_origin_authentication;
pub mod application_custom_scheme_callback;
pub mod application_example_bundle_id;
pub mod application_id_token_hs256;
pub mod application_id_token_long;
pub mod application_insecure_grant;
pub mod application_insecure_url;
pub mod application_left_over;
pub mod application_machine_with_user_grants;
pub mod application_not_oidc_conformant;
pub mod application_public_password_grant;
pub mod application_refresh_token_long;
pub mod application_refresh_token_unbounded;
pub mod application_requests_not_hardened;
pub mod application_shared_secret;
pub mod application_third_party_permissive;
pub mod application_trusts_forwarded_ip;
pub mod application_url_on_foreign_host;
pub mod application_wildcard_callback;

use super::in_use::{self, sends_users};
use super::prelude::*;
use super::unknown;
use crate::readings::parts::CLIENT_AUTHENTICATION_METHODS;
use crate::readings::{AppType, Client, Field, GrantType, Texts, TokenEndpointAuth};

/// Parents before children.
pub const CHECKS: &[&Check] = &[
    &application_id_token_hs256::CHECK,
    &application_insecure_grant::CHECK,
    &application_insecure_url::CHECK,
    &application_wildcard_callback::CHECK,
    &application_cross_origin_authentication::CHECK,
    &application_refresh_token_unbounded::CHECK,
    &application_authentication_none::CHECK,
    &application_shared_secret::CHECK,
    &application_third_party_permissive::CHECK,
    &application_not_oidc_conformant::CHECK,
    &application_trusts_forwarded_ip::CHECK,
    &application_requests_not_hardened::CHECK,
    &application_public_password_grant::CHECK,
    &application_machine_with_user_grants::CHECK,
    &application_url_on_foreign_host::CHECK,
    &application_custom_scheme_callback::CHECK,
    &application_example_bundle_id::CHECK,
    &application_refresh_token_long::CHECK,
    &application_id_token_long::CHECK,
    &application_left_over::CHECK,
];

const KIND: ReadingKind = ReadingKind::Clients;
/// Of a finding: `clients/{client ID}`.
const RESOURCE: &str = "clients";

const BY_SECRET: Expected = Expected::OneOf(&["client_secret_post", "client_secret_basic"]);

const fn remediation(steps: &'static [&'static str]) -> Remediation {
    Remediation {
        dashboard_path: "Applications > Applications > (the application) > Settings",
        steps,
        call: Some((Method::Patch, "/api/v2/clients/{id}")),
        required_scope: Some("update:clients"),
        side_effects: SideEffects::after_changes(
            "The application has to support it before the call, or its logins and token requests \
             fail.",
        ),
    }
}

/// Whether it is an application and not the global client.
fn is_of_the_tenant(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    Ok(!in_use::is_global(app.item)?)
}

/// The same without this service's own client: it authenticates with a secret and gets bearer tokens, so its findings
/// would ask to break the integration.
fn is_another(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    let is_ours = app.item.client_id.known()?.to_string() == app.tenant.client_id;
    Ok(!is_ours && is_of_the_tenant(app)?)
}

/// Whether it can keep a secret (RFC 6749 section 2.1), because it runs on a server.
fn can_keep_a_secret(app: &Client) -> Result<bool, Inconclusive> {
    Ok(!matches!(app.app_type.known()?, AppType::Native | AppType::Spa))
}

/// Whether it can keep a secret and the customer controls its requests, unlike those of a ready-made integration.
fn is_confidential(app: &Client) -> Result<bool, Inconclusive> {
    Ok(matches!(app.app_type.known()?, AppType::RegularWeb | AppType::NonInteractive))
}

/// Whether it authenticates with a key or a certificate. Auth0 has either that or a method with a secret, and returns
/// the former only with a separate scope: without it, an application with neither may have a key.
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
    if !by_key && by_secret.is_absent() {
        app.part(&CLIENT_AUTHENTICATION_METHODS, &app.item.client_authentication_methods)?;
    }
    if by_key { Ok(true) } else { by_secret.known().map(|_| false) }
}

/// Grants for which users type their password into the application.
const BY_PASSWORD: [GrantType; 3] =
    [GrantType::Password, GrantType::PasswordRealm, GrantType::LegacyRo];

/// Whether it authenticates with nothing at the token endpoint: only the method `none` makes it public ("Confidential and
/// Public Applications" in Auth0's documentation).
fn is_public(app: &Object<'_, Client>) -> Result<bool, Inconclusive> {
    Ok(*app.item.token_endpoint_auth_method.known()? == TokenEndpointAuth::None)
}

/// A violation by the `offending` grants, whose fix keeps the others.
fn without_grants(
    app: &Object<'_, Client>,
    severity: Severity,
    offending: impl Fn(&GrantType) -> bool,
) -> Violation {
    let all = app.value_at("/grant_types");
    let is_offending = |name: &serde_json::Value| {
        serde_json::from_value(name.clone()).is_ok_and(|grant| offending(&grant))
    };
    let (found, kept): (Vec<_>, Vec<_>) =
        all.as_array().cloned().unwrap_or_default().into_iter().partition(is_offending);
    let mut shown = app.shows("/grant_types", &Expected::Is(json!([])));
    shown.found = json!(found);
    Violation::from_evidence(severity, vec![shown]).fixed_by(app.set("/grant_types", json!(kept)))
}

/// Fails if a list of URLs has offending ones and the application redirects users there.
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
    let is_wrong = unknown::any(lists.map(|(_, list)| {
        list.known().and_then(|urls| unknown::any(urls.iter().map(&is_offending)))
    }));
    if !unknown::all([sends_users, is_wrong])? {
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
