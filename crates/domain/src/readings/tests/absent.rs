//! What each absent field means, for those of which it is known, and that the others are unknown.

use serde_json::{Value, json};

use super::ReadingKind::{self, *};
use crate::readings::Certainty::{self, Certain, Likely};

/// A body that leaves out whatever it can.
fn bare(kind: ReadingKind) -> Value {
    match kind {
        TenantSettings => json!({"flags": {}}),
        Clients => json!([{"client_id": "a", "jwt_configuration": {}, "refresh_token": {}}]),
        ClientGrants | ResourceServers => json!([{"id": "a"}]),
        Connections => json!([{"id": "a", "options": {}}]),
        BreachedPasswordDetection | BruteForceProtection | SuspiciousIpThrottling => {
            json!({"enabled": true})
        }
        GuardianFactors => json!([{"name": "otp"}]),
        CustomDomains => json!([{"custom_domain_id": "a"}]),
        Prompts => json!({"universal_login_experience": "new"}),
        other => panic!("{} is not in the table", other.name()),
    }
}

/// Reading, place, meaning as JSON, and how sure it is.
const MEANINGS: &[(ReadingKind, &str, &str, Certainty)] = &[
    (TenantSettings, "/friendly_name", "\"\"", Certain),
    (TenantSettings, "/default_audience", "\"\"", Certain),
    (TenantSettings, "/default_directory", "\"\"", Certain),
    (TenantSettings, "/support_email", "\"\"", Certain),
    (TenantSettings, "/support_url", "\"\"", Certain),
    (TenantSettings, "/allowed_logout_urls", "[]", Certain),
    (TenantSettings, "/default_redirection_uri", "\"\"", Certain),
    (TenantSettings, "/session_lifetime", "168", Certain),
    (TenantSettings, "/idle_session_lifetime", "72", Certain),
    (TenantSettings, "/session_cookie/mode", "\"persistent\"", Likely),
    (TenantSettings, "/dynamic_client_registration_security_mode", "\"permissive\"", Certain),
    (TenantSettings, "/country_codes/list", "[]", Certain),
    (TenantSettings, "/customize_mfa_in_postlogin_action", "false", Certain),
    (TenantSettings, "/flags/allow_legacy_delegation_grant_types", "false", Certain),
    (TenantSettings, "/flags/allow_legacy_ro_grant_types", "false", Likely),
    (TenantSettings, "/flags/enable_idtoken_api2", "false", Certain),
    (TenantSettings, "/flags/allow_legacy_tokeninfo_endpoint", "false", Likely),
    (TenantSettings, "/flags/enable_legacy_profile", "false", Likely),
    (TenantSettings, "/flags/enable_mgmt_api_v1", "false", Likely),
    (TenantSettings, "/flags/enable_dynamic_client_registration", "false", Certain),
    (TenantSettings, "/flags/enable_public_signup_user_exists_error", "false", Likely),
    (TenantSettings, "/flags/enforce_client_authentication_on_passwordless_start", "true", Likely),
    (TenantSettings, "/flags/enable_client_connections", "true", Likely),
    (Clients, "/0/global", "false", Certain),
    (Clients, "/0/is_first_party", "true", Certain),
    (Clients, "/0/oidc_conformant", "false", Certain),
    (Clients, "/0/callbacks", "[]", Certain),
    (Clients, "/0/web_origins", "[]", Certain),
    (Clients, "/0/allowed_origins", "[]", Certain),
    (Clients, "/0/allowed_logout_urls", "[]", Certain),
    (Clients, "/0/jwt_configuration/alg", "\"HS256\"", Likely),
    (Clients, "/0/jwt_configuration/lifetime_in_seconds", "36000", Certain),
    (Clients, "/0/jwt_configuration/secret_encoded", "false", Certain),
    (Clients, "/0/refresh_token/policies", "[]", Certain),
    (Clients, "/0/token_endpoint_auth_method", "\"client_secret_post\"", Likely),
    (Clients, "/0/client_authentication_methods", "{}", Certain),
    (Clients, "/0/third_party_security_mode", "\"permissive\"", Likely),
    (Clients, "/0/is_token_endpoint_ip_header_trusted", "false", Certain),
    (Clients, "/0/require_pushed_authorization_requests", "false", Certain),
    (Clients, "/0/require_proof_of_possession", "false", Certain),
    (Clients, "/0/mobile/ios/app_bundle_identifier", "\"\"", Certain),
    (ClientGrants, "/0/allow_all_scopes", "false", Certain),
    (ResourceServers, "/0/enforce_policies", "false", Certain),
    (ResourceServers, "/0/proof_of_possession/required", "false", Certain),
    (ResourceServers, "/0/subject_type_authorization/user/policy", "\"allow_all\"", Likely),
    (
        ResourceServers,
        "/0/subject_type_authorization/client/policy",
        "\"require_client_grant\"",
        Likely,
    ),
    (Connections, "/0/options/passwordPolicy", "\"none\"", Likely),
    (Connections, "/0/options/password_history/enable", "false", Certain),
    (Connections, "/0/options/password_dictionary/enable", "false", Certain),
    (Connections, "/0/options/password_no_personal_info/enable", "false", Certain),
    (Connections, "/0/options/disable_signup", "false", Certain),
    (Connections, "/0/options/authentication_methods/passkey/enabled", "false", Certain),
    (Connections, "/0/options/client_id", "\"\"", Certain),
    (Connections, "/0/options/mfa/active", "true", Likely),
    (BreachedPasswordDetection, "/stage/pre-user-registration/shields", "[]", Likely),
    (BreachedPasswordDetection, "/stage/pre-change-password/shields", "[]", Likely),
    (GuardianFactors, "/0/trial_expired", "false", Likely),
    (CustomDomains, "/0/tls_policy", "\"recommended\"", Certain),
];

#[test]
fn each_absent_field_means_what_auth0_documents_or_recordings_show() {
    for (kind, pointer, value, certainty) in MEANINGS {
        let value: Value = serde_json::from_str(value).unwrap();
        let reading = kind.decode(bare(*kind)).unwrap();
        let assumed = reading.assumed_at(pointer).unwrap_or_else(|| panic!("{pointer} is unknown"));
        assert_eq!((&assumed.value, assumed.certainty), (&value, *certainty), "{pointer}");
        assert_eq!(reading.to_json().pointer(pointer), None, "{pointer} is not invented");
    }
}

#[test]
fn any_other_absent_field_is_unknown() {
    for (kind, pointer) in [
        (TenantSettings, "/sandbox_version"),
        (TenantSettings, "/flags/disable_clickjack_protection_headers"),
        (TenantSettings, "/flags/improved_signup_bot_detection_in_classic"),
        (TenantSettings, "/flags/revoke_refresh_token_grant"),
        (TenantSettings, "/session_lifetime_in_minutes"),
        (Clients, "/0/app_type"),
        (Clients, "/0/grant_types"),
        (Clients, "/0/cross_origin_authentication"),
        (Clients, "/0/refresh_token/rotation_type"),
        (ClientGrants, "/0/audience"),
        (ClientGrants, "/0/scope"),
        (ClientGrants, "/0/client_id"),
        (ResourceServers, "/0/signing_alg"),
        (ResourceServers, "/0/token_lifetime"),
        (Connections, "/0/strategy"),
        (Connections, "/0/enabled_clients"),
        (Connections, "/0/options/brute_force_protection"),
        (Connections, "/0/options/password_options"),
        (BreachedPasswordDetection, "/shields"),
        (BruteForceProtection, "/max_attempts"),
        (SuspiciousIpThrottling, "/stage"),
        (GuardianFactors, "/0/enabled"),
        (CustomDomains, "/0/status"),
    ] {
        assert_eq!(kind.decode(bare(kind)).unwrap().assumed_at(pointer), None, "{pointer}");
    }
}

#[test]
fn null_means_absent() {
    let body = json!([{"id": "a", "proof_of_possession": null, "is_system": null}]);
    let reading = ResourceServers.decode(body).unwrap();
    assert_eq!(reading, ResourceServers.decode(json!([{"id": "a"}])).unwrap());
    assert_eq!(reading.to_json(), json!([{"id": "a"}]));
}

#[test]
fn what_is_stated_is_not_assumed() {
    let body = json!({"session_lifetime": 24, "country_codes": {"list": ["DE"]}, "flags": {}});
    let reading = TenantSettings.decode(body).unwrap();
    for stated in ["/session_lifetime", "/country_codes/list", "/flags", "", "/nothing", "flags"] {
        assert_eq!(reading.assumed_at(stated), None, "{stated}");
    }
}
