//! `POST /oauth/token` and the discovery document. Errors have the status and the wording of real tenants.

use crate::reply::{Reply, oauth_error};
use crate::signing::signing_key;
use crate::state::State;
use crate::tenant_file::{Application, AudienceOmitted, TenantFile};
use crate::token_request::TokenRequest;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const GRANT_TYPE: &str = "client_credentials";
const KNOWN_GRANT_TYPES: &[&str] =
    &[GRANT_TYPE, "authorization_code", "implicit", "password", "refresh_token"];
const GRANT_TYPE_HELP: &str = "https://auth0.com/docs/clients/client-grant-types";
const CLIENT_GRANT_HELP: &str = "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants";

/// The response, and the request as far as it could be parsed.
pub(crate) fn answer(state: &State, headers: &HeaderMap, body: &[u8]) -> (Reply, TokenRequest) {
    let request = match TokenRequest::parse(headers, body) {
        Ok(request) => request,
        Err(what) => {
            let reply = oauth_error(StatusCode::BAD_REQUEST, "invalid_request", what);
            return (reply, TokenRequest::default());
        }
    };
    let reply = grant(state, &request).unwrap_or_else(|refusal| *refusal);
    (reply.with_header("cache-control", header::HeaderValue::from_static("no-store")), request)
}

type Refusal = Box<Reply>;

fn grant(state: &State, request: &TokenRequest) -> Result<Reply, Refusal> {
    let management_audience = state.audience();
    let file = state.file();
    let application = authenticate(&file, request)?;
    let audience = match request.audience.as_deref().or_else(|| file.default_audience()) {
        Some(audience) => audience,
        None if file.audience_omitted == AudienceOmitted::OpaqueToken => {
            return Ok(opaque_token(state, &file));
        }
        None => {
            return Err(denied("Non-global clients are not allowed access to APIv1."));
        }
    };
    let granted = if audience == management_audience {
        application.scopes.as_ref()
    } else if file.has_other_api(audience) {
        application.other_grants.get(audience)
    } else {
        return Err(unknown_audience(&file, audience));
    };
    let Some(granted) = granted else { return Err(no_client_grant(&file, audience)) };
    let scopes = requested_scopes(granted, request.scope.as_deref())?;
    Ok(success(state, &file, application, audience, &scopes))
}

/// Authenticates the client and checks its grant type.
fn authenticate<'a>(
    file: &'a TenantFile,
    request: &TokenRequest,
) -> Result<&'a Application, Refusal> {
    let Some(grant_type) = request.grant_type.as_deref() else {
        return Err(Box::new(oauth_error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Missing required parameter: grant_type",
        )));
    };
    if !KNOWN_GRANT_TYPES.contains(&grant_type) {
        return Err(Box::new(oauth_error(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            &format!("Unsupported grant type: {grant_type}"),
        )));
    }
    let Some(client_id) = request.client_id.as_deref() else {
        let description = "Missing client_id";
        return Err(Box::new(oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", description)));
    };
    let known = file.application(client_id).filter(|application| {
        request.auth_method == Some(application.token_endpoint_auth_method)
            && request.client_secret.as_deref() == Some(application.client_secret.as_str())
    });
    let Some(application) = known else {
        return Err(Box::new(oauth_error(
            StatusCode::UNAUTHORIZED,
            "access_denied",
            "Unauthorized",
        )));
    };
    // Only client credentials are simulated; every other grant type is rejected like one that the application lacks.
    if grant_type != GRANT_TYPE || !application.grant_types.iter().any(|one| one == grant_type) {
        let description = format!("Grant type '{grant_type}' not allowed for the client.");
        let body = json!({
            "error": "unauthorized_client",
            "error_description": description,
            "error_uri": GRANT_TYPE_HELP,
        });
        return Err(Box::new(Reply::json(StatusCode::FORBIDDEN, &body)));
    }
    Ok(application)
}

fn denied(description: &str) -> Refusal {
    Box::new(oauth_error(StatusCode::FORBIDDEN, "access_denied", description))
}

fn unknown_audience(file: &TenantFile, audience: &str) -> Refusal {
    denied(&if file.older_messages {
        format!("Service not enabled within domain: {audience}")
    } else {
        format!("Service not found: {audience}")
    })
}

fn no_client_grant(file: &TenantFile, audience: &str) -> Refusal {
    let advice = if file.older_messages {
        "You might probably want to create"
    } else {
        "You need to create"
    };
    denied(&format!(
        "Client is not authorized to access \"{audience}\". {advice} a \"client-grant\" \
         associated to this API. See: {CLIENT_GRANT_HELP}"
    ))
}

/// The requested scopes, or all granted ones without a request. Fails if a requested scope is not granted.
fn requested_scopes(granted: &[String], requested: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(requested) = requested else { return Ok(granted.to_vec()) };
    let requested: BTreeSet<&str> = requested.split_whitespace().collect();
    let missing: Vec<&str> =
        requested.iter().copied().filter(|scope| !granted.iter().any(|one| one == scope)).collect();
    if !missing.is_empty() {
        let list = missing.join(", ");
        return Err(denied(&format!("Client has not been granted scopes: {list}")));
    }
    Ok(granted.iter().filter(|scope| requested.contains(scope.as_str())).cloned().collect())
}

fn success(
    state: &State,
    file: &TenantFile,
    application: &Application,
    audience: &str,
    scopes: &[String],
) -> Reply {
    let issued = state.now().as_second();
    let lifetime = i64::try_from(file.token_lifetime_s).unwrap_or(i64::MAX);
    let scope = scopes.join(" ");
    let claims = json!({
        "iss": state.issuer(),
        "sub": format!("{}@clients", application.client_id),
        "aud": audience,
        "iat": issued,
        "exp": issued.saturating_add(lifetime),
        "scope": scope,
        "gty": "client-credentials",
        "azp": application.client_id,
        // Unlike Auth0's default profile: distinguishes tokens of the same second, so that one of them can expire.
        "jti": state.next_token_number().to_string(),
    });
    Reply::ok(&json!({
        "access_token": signing_key().sign(&claims),
        "scope": scope,
        "expires_in": file.token_lifetime_s,
        "token_type": "Bearer",
    }))
}

fn opaque_token(state: &State, file: &TenantFile) -> Reply {
    Reply::ok(&json!({
        "access_token": format!("opaque-token-{}", state.next_token_number()),
        "expires_in": file.token_lifetime_s,
        "token_type": "Bearer",
    }))
}

/// The body of `/.well-known/openid-configuration`.
pub(crate) fn discovery(state: &State) -> Value {
    let origin = &state.origin;
    json!({
        "issuer": state.issuer(),
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "response_types_supported": ["code", "token", "id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tenant;

    async fn refused(tenant: &Tenant, changes: Value, status: u16, error: &str, text: &str) {
        let answer = tenant.ask_token(changes.clone()).await;
        let body = answer.json();
        assert_eq!(
            (answer.status.as_u16(), body["error"].as_str()),
            (status, Some(error)),
            "{changes}"
        );
        assert_eq!(body["error_description"], text, "{changes}");
    }

    #[tokio::test]
    async fn a_token_has_all_granted_scopes_by_default() {
        let tenant = Tenant::bundled("fresh");
        let answer = tenant.ask_token(json!({})).await;
        assert_eq!(answer.headers["cache-control"], "no-store");
        let body = answer.json();
        assert_eq!(body["scope"], "read:attack_protection read:mfa_policies read:stats");
        assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(86400), &json!("Bearer")));
        let claims = signing_key().verify(body["access_token"].as_str().unwrap()).unwrap();
        assert_eq!(claims["iss"], "http://tenant.test/");
        assert_eq!(claims["aud"], "http://tenant.test/api/v2/");
        assert_eq!(claims["sub"], "simulated-fresh@clients");
    }

    #[tokio::test]
    async fn fewer_scopes_can_be_requested_and_more_are_rejected() {
        let tenant = Tenant::bundled("fresh");
        let less = tenant.ask_token(json!({"scope": "read:stats"})).await;
        assert_eq!(less.json()["scope"], "read:stats");
        let more = json!({"scope": "read:stats read:users update:users"});
        let text = "Client has not been granted scopes: read:users, update:users";
        refused(&tenant, more, 403, "access_denied", text).await;
    }

    #[tokio::test]
    async fn every_error_has_auth0s_status_and_wording() {
        let tenant = Tenant::bundled("fresh");
        for changes in [
            json!({"client_secret": "wrong"}),
            json!({"client_secret": null}),
            json!({"client_id": "unknown"}),
        ] {
            refused(&tenant, changes, 401, "access_denied", "Unauthorized").await;
        }
        let audience = json!({"audience": "http://tenant.test/api/v2"});
        let text = "Service not found: http://tenant.test/api/v2";
        refused(&tenant, audience.clone(), 403, "access_denied", text).await;
        let text = "Non-global clients are not allowed access to APIv1.";
        refused(&tenant, json!({"audience": null}), 403, "access_denied", text).await;
        let text = "Missing required parameter: grant_type";
        refused(&tenant, json!({"grant_type": null}), 400, "invalid_request", text).await;
        let text = "Missing client_id";
        refused(&tenant, json!({"client_id": null}), 401, "invalid_client", text).await;
        let text = "Unsupported grant type: magic";
        refused(&tenant, json!({"grant_type": "magic"}), 400, "unsupported_grant_type", text).await;

        tenant.state.file().older_messages = true;
        let text = "Service not enabled within domain: http://tenant.test/api/v2";
        refused(&tenant, audience, 403, "access_denied", text).await;
    }

    #[tokio::test]
    async fn an_application_needs_the_grant_type_and_a_client_grant() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.file().applications[0].scopes = None;
        let text = "Client is not authorized to access \"http://tenant.test/api/v2/\". You need to \
            create a \"client-grant\" associated to this API. See: \
            https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants";
        refused(&tenant, json!({}), 403, "access_denied", text).await;
        tenant.state.file().applications[0].grant_types.clear();
        let text = "Grant type 'client_credentials' not allowed for the client.";
        refused(&tenant, json!({}), 403, "unauthorized_client", text).await;
        assert!(tenant.ask_token(json!({})).await.json()["error_uri"].is_string());
    }

    #[tokio::test]
    async fn a_missing_audience_may_give_an_opaque_token() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.file().audience_omitted = AudienceOmitted::OpaqueToken;
        let body = tenant.ask_token(json!({"audience": null})).await.json();
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(tenant.get("stats/daily", token).await.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_client_with_basic_authentication_cannot_send_its_secret_in_the_body() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.file().applications[0].token_endpoint_auth_method =
            crate::tenant_file::AuthMethod::ClientSecretBasic;
        refused(&tenant, json!({}), 401, "access_denied", "Unauthorized").await;
    }
}
