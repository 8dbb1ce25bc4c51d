//! The cases of checks on the optional resources.

use serde_json::{Value, json};

use super::{Case, case};
use crate::readings::ReadingKind::{self, *};

pub fn cases() -> Vec<Case> {
    let areas = [
        factors(),
        tenant_settings(),
        applications(),
        grants_and_apis(),
        connections(),
        platform(),
        extensions(),
    ];
    areas.into_iter().flatten().collect()
}

/// One change, and nothing that follows from it.
fn one(trips: &'static str, kind: ReadingKind, pointer: &'static str, value: Value) -> Case {
    case(trips, [(kind, pointer, value)], &[])
}

/// The switches of the factors in the order of the sample: push, otp, roaming, platform, code, sms,
/// email.
const FACTORS: [&str; 7] = [
    "/0/enabled",
    "/1/enabled",
    "/2/enabled",
    "/3/enabled",
    "/4/enabled",
    "/5/enabled",
    "/6/enabled",
];

fn only_on(on: &[usize]) -> Vec<(ReadingKind, &'static str, Value)> {
    let switches = FACTORS.iter().enumerate();
    switches.map(|(i, pointer)| (GuardianFactors, *pointer, json!(on.contains(&i)))).collect()
}

fn factors() -> Vec<Case> {
    vec![
        case("mfa-no-factor-enabled", only_on(&[]), &[]),
        case("mfa-only-phishable-factors", only_on(&[5]), &["mfa-no-phishing-resistant-factor"]),
        case("mfa-no-phishing-resistant-factor", only_on(&[0, 1, 4]), &[]),
        case("mfa-dependent-factor-alone", only_on(&[3, 4]), &[]),
        one("mfa-recovery-code-off", GuardianFactors, FACTORS[4], json!(false)),
        one("mfa-factor-trial-expired", GuardianFactors, "/0/trial_expired", json!(true)),
    ]
}

fn tenant_settings() -> Vec<Case> {
    let set = |trips, pointer, value| one(trips, TenantSettings, pointer, value);
    let contacts = ["/support_email", "/support_url"];
    vec![
        set("session-lifetime-long", "/idle_session_lifetime", json!(73)),
        set("legacy-flags-on", "/flags/enable_legacy_profile", json!(true)),
        set("clickjacking-headers-off", "/flags/disable_clickjack_protection_headers", json!(true)),
        set(
            "dynamic-client-registration-open",
            "/flags/enable_dynamic_client_registration",
            json!(true),
        ),
        set(
            "signup-reveals-existing-users",
            "/flags/enable_public_signup_user_exists_error",
            json!(true),
        ),
        set(
            "passwordless-start-without-client-authentication",
            "/flags/enforce_client_authentication_on_passwordless_start",
            json!(false),
        ),
        set("extension-runtime-outdated", "/sandbox_version", json!("16")),
        set("tenant-redirect-urls-insecure", "/allowed_logout_urls", json!(["http://a.example"])),
        case(
            "support-contact-missing",
            contacts.map(|pointer| (TenantSettings, pointer, json!(""))),
            &[],
        ),
        set(
            "classic-signup-bot-model-off",
            "/flags/improved_signup_bot_detection_in_classic",
            json!(false),
        ),
        set("default-audience-set", "/default_audience", json!("https://orders.example/")),
        set("phone-countries-unrestricted", "/country_codes/list", json!([])),
    ]
}

fn applications() -> Vec<Case> {
    let set = |trips, pointer, value| one(trips, Clients, pointer, value);
    let grants = "/0/grant_types";
    vec![
        set("application-id-token-hs256", "/0/jwt_configuration/alg", json!("HS256")),
        set("application-insecure-grant", grants, json!(["authorization_code", "implicit"])),
        set("application-insecure-url", "/0/callbacks", json!(["http://shop.example"])),
        set("application-wildcard-callback", "/0/web_origins", json!(["https://*.shop.example"])),
        set(
            "application-cross-origin-authentication",
            "/0/cross_origin_authentication",
            json!(true),
        ),
        set(
            "application-refresh-token-unbounded",
            "/0/refresh_token/rotation_type",
            json!("non-rotating"),
        ),
        set("application-authentication-none", "/0/token_endpoint_auth_method", json!("none")),
        set(
            "application-shared-secret",
            grants,
            json!(["authorization_code", "client_credentials"]),
        ),
        case(
            "application-third-party-permissive",
            [
                (Clients, "/0/is_first_party", json!(false)),
                (Clients, "/0/third_party_security_mode", json!("permissive")),
            ],
            &[],
        ),
        set("application-not-oidc-conformant", "/0/oidc_conformant", json!(false)),
        set(
            "application-trusts-forwarded-ip",
            "/0/is_token_endpoint_ip_header_trusted",
            json!(true),
        ),
        case(
            "application-requests-not-hardened",
            ["/0/require_pushed_authorization_requests", "/0/require_proof_of_possession"]
                .map(|pointer| (Clients, pointer, json!(false))),
            &[],
        ),
    ]
}

fn grants_and_apis() -> Vec<Case> {
    let user_policy = "/0/subject_type_authorization/user/policy";
    let api = |trips, pointer, value| one(trips, ResourceServers, pointer, value);
    vec![
        one("grant-management-write", ClientGrants, "/0/scope", json!(["update:users"])),
        case(
            "grant-self-escalation",
            [(ClientGrants, "/0/scope", json!(["create:client_grants"]))],
            &["grant-management-write"],
        ),
        one("grant-all-scopes", ClientGrants, "/1/allow_all_scopes", json!(true)),
        api("api-hs256", "/1/signing_alg", json!("HS256")),
        api("api-token-lifetime-long", "/1/token_lifetime", json!(86_401)),
        api("management-api-open-to-users", user_policy, json!("allow_all")),
        api("api-rbac-not-enforced", "/1/enforce_policies", json!(false)),
        api("api-tokens-not-sender-constrained", "/1/proof_of_possession/required", json!(false)),
    ]
}

fn connections() -> Vec<Case> {
    let set = |trips, pointer, value| one(trips, Connections, pointer, value);
    vec![
        set("connection-password-policy-weak", "/0/options/passwordPolicy", json!("fair")),
        set(
            "connection-password-checks-missing",
            "/0/options/password_dictionary/enable",
            json!(false),
        ),
        set("connection-public-signup", "/0/options/disable_signup", json!(false)),
        set(
            "connection-brute-force-protection-off",
            "/0/options/brute_force_protection",
            json!(false),
        ),
        set(
            "connection-no-passkey",
            "/0/options/authentication_methods/passkey/enabled",
            json!(false),
        ),
        set("connection-developer-keys", "/1/options/client_id", json!("")),
    ]
}

fn platform() -> Vec<Case> {
    vec![
        one("log-stream-missing", LogStreams, "", json!([])),
        one("tenant-acl-missing", NetworkAcls, "", json!([])),
        one(
            "management-api-open-to-all-addresses",
            NetworkAcls,
            "/0/rule/scope",
            json!("authentication"),
        ),
        one("custom-domain-missing", CustomDomains, "/0/tls_policy", json!("compatible")),
        one("email-provider-missing", EmailProvider, "/enabled", json!(false)),
        one("signing-key-old", SigningKeys, "/0/revoked", json!(true)),
    ]
}

fn extensions() -> Vec<Case> {
    vec![
        one("action-runtime-outdated", Actions, "/0/runtime", json!("node16")),
        one("action-not-deployed", Actions, "/0/all_changes_deployed", json!(false)),
        one("legacy-rules-or-hooks", Hooks, "/0/enabled", json!(true)),
        one("classic-login-experience", Prompts, "/universal_login_experience", json!("classic")),
    ]
}
