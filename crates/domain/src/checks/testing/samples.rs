//! Bodies of the optional resources with nothing to find: what tests change.

use serde_json::{Value, json};

use crate::readings::ReadingKind;

/// Every kind that is optional.
pub fn optional() -> impl Iterator<Item = (ReadingKind, Value)> {
    use crate::readings::Need;
    let kinds = ReadingKind::ALL.iter().copied().filter(|kind| kind.need() == Need::Optional);
    kinds.map(|kind| (kind, sample_body(kind)))
}

/// The body of one kind.
pub fn sample_body(kind: ReadingKind) -> Value {
    use ReadingKind as K;
    match kind {
        K::GuardianFactors => factors(),
        K::TenantSettings => settings(),
        K::Clients => clients(),
        K::ClientGrants => json!([
            {"id": "grant1", "client_id": "app1", "audience": "https://acme.eu.auth0.com/api/v2/",
                "scope": ["read:users"], "allow_all_scopes": false},
            {"id": "grant2", "client_id": "app1", "audience": "https://orders.example/",
                "scope": ["update:orders"], "allow_all_scopes": false},
            {"id": "grant3", "client_id": "our-client",
                "audience": "https://acme.eu.auth0.com/api/v2/",
                "scope": ["read:stats"], "allow_all_scopes": false},
        ]),
        K::ResourceServers => json!([
            {"id": "system", "name": "Auth0 Management API", "is_system": true,
                "identifier": "https://acme.eu.auth0.com/api/v2/", "signing_alg": "RS256",
                "token_lifetime": 86_400, "subject_type_authorization": {
                    "user": {"policy": "deny_all"}, "client": {"policy": "require_client_grant"}}},
            {"id": "orders", "name": "Orders", "is_system": false, "enforce_policies": true,
                "identifier": "https://orders.example/", "signing_alg": "RS256",
                "token_lifetime": 3_600,
                "proof_of_possession": {"mechanism": "dpop", "required": true}},
        ]),
        K::Connections => json!([
            {"id": "con_db", "name": "Users", "strategy": "auth0", "options": {
                "passwordPolicy": "good", "password_complexity_options": {"min_length": 12},
                "password_history": {"enable": true}, "password_dictionary": {"enable": true},
                "password_no_personal_info": {"enable": true}, "disable_signup": true,
                "brute_force_protection": true,
                "authentication_methods": {"passkey": {"enabled": true}}}},
            {"id": "con_google", "name": "google-oauth2", "strategy": "google-oauth2",
                "options": {"client_id": "ours.apps.example"}},
            {"id": "con_saml", "name": "partner", "strategy": "samlp", "options": {}},
        ]),
        K::LogStreams => json!([{"id": "lst_1", "name": "SIEM", "status": "active"}]),
        K::NetworkAcls => json!([{"id": "acl_1", "description": "Offices", "active": true,
            "rule": {"scope": "management", "action": {"block": true}}}]),
        K::CustomDomains => json!([{"custom_domain_id": "cd_1", "domain": "login.example",
            "status": "ready", "tls_policy": "recommended"}]),
        K::EmailProvider => json!({"name": "ses", "enabled": true}),
        K::SigningKeys => json!([
            {"kid": "key1", "current": true, "current_since": "2026-01-01T00:00:00.000Z",
                "revoked": false},
            {"kid": "key0", "current": false, "current_since": "2020-01-01T00:00:00.000Z",
                "revoked": true},
        ]),
        K::Actions => json!([{"id": "act_1", "name": "Enrich", "runtime": "node22",
            "status": "built", "all_changes_deployed": true}]),
        K::Rules => json!([{"id": "rul_1", "name": "Old rule", "enabled": false}]),
        K::Hooks => json!([{"id": "hok_1", "name": "Old hook", "enabled": false}]),
        K::Prompts => json!({"universal_login_experience": "new"}),
        core => panic!("{} is not optional", core.name()),
    }
}

fn factors() -> Value {
    let on = ["push-notification", "otp", "webauthn-roaming", "webauthn-platform", "recovery-code"];
    let all = on.into_iter().chain(["sms", "email", "duo"]);
    all.map(|name| json!({"name": name, "enabled": on.contains(&name), "trial_expired": false}))
        .collect()
}

fn settings() -> Value {
    json!({
        "friendly_name": "Acme", "default_audience": "", "support_email": "help@acme.example",
        "support_url": "https://acme.example/help",
        "allowed_logout_urls": ["https://acme.example/bye"],
        "default_redirection_uri": "https://acme.example/login",
        "session_lifetime": 168, "idle_session_lifetime": 72, "sandbox_version": "22",
        "dynamic_client_registration_security_mode": "strict",
        "country_codes": {"mode": "allow", "list": ["DE"]},
        "flags": {
            "allow_legacy_delegation_grant_types": false, "allow_legacy_ro_grant_types": false,
            "allow_legacy_tokeninfo_endpoint": false, "enable_legacy_profile": false,
            "enable_idtoken_api2": false, "disable_clickjack_protection_headers": false,
            "enable_dynamic_client_registration": false,
            "enable_public_signup_user_exists_error": false,
            "enforce_client_authentication_on_passwordless_start": true,
            "improved_signup_bot_detection_in_classic": true,
        },
    })
}

fn clients() -> Value {
    let ours = json!({
        "client_id": "our-client", "name": "Scanner", "global": false,
        "app_type": "non_interactive", "is_first_party": true, "oidc_conformant": true,
        "grant_types": ["client_credentials"], "jwt_configuration": {"alg": "RS256"},
        "cross_origin_authentication": false, "token_endpoint_auth_method": "client_secret_post",
        "is_token_endpoint_ip_header_trusted": false,
    });
    json!([
        {
            "client_id": "app1", "name": "Shop", "global": false, "app_type": "regular_web",
            "is_first_party": true, "oidc_conformant": true,
            "callbacks": ["https://shop.example/callback"], "web_origins": ["https://shop.example"],
            "allowed_origins": ["https://shop.example"],
            "allowed_logout_urls": ["https://shop.example/bye"],
            "grant_types": ["authorization_code", "refresh_token"],
            "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000},
            "cross_origin_authentication": false,
            "refresh_token": {"rotation_type": "rotating", "expiration_type": "expiring",
                "leeway": 0, "token_lifetime": 2_592_000, "infinite_token_lifetime": false,
                "idle_token_lifetime": 1_296_000, "infinite_idle_token_lifetime": false},
            "token_endpoint_auth_method": "client_secret_post",
            "third_party_security_mode": "strict", "is_token_endpoint_ip_header_trusted": false,
            "require_pushed_authorization_requests": true, "require_proof_of_possession": true,
        },
        ours,
        {"client_id": "all", "name": "All Applications", "global": true},
    ])
}
