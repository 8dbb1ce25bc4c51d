//! What Auth0's Terraform provider has for the paths that remediations call, and what its arguments
//! are named there. Source: `docs/resources/*.md` of auth0/terraform-provider-auth0, 2026-08-18. Only
//! what stands there.

use Shape::{Argument, Block, Inline};

/// A resource of the provider, or the part of one that one path is about.
pub(super) struct Resource {
    /// The path of the call, as a template without `/api/v2/`.
    pub path: &'static str,
    /// The type of the resource.
    pub kind: &'static str,
    /// The block that holds the members, where the resource has more than this path.
    pub block: Option<&'static str>,
    /// The members of the call's body.
    pub members: &'static [Member],
}

/// A member of a body.
pub(super) struct Member {
    /// Its name in the Management API.
    pub name: &'static str,
    /// What it is in the provider.
    pub shape: Shape,
}

/// What a member is in the provider.
pub(super) enum Shape {
    /// An argument of this name.
    Argument(&'static str),
    /// A block of this name.
    Block(&'static str, &'static [Member]),
    /// An object whose members stand in the block around it.
    Inline(&'static [Member]),
}

/// An argument that is named as in the Management API.
const fn same(name: &'static str) -> Member {
    Member { name, shape: Argument(name) }
}

/// An argument with another name.
const fn named(name: &'static str, argument: &'static str) -> Member {
    Member { name, shape: Argument(argument) }
}

/// A block.
const fn block(name: &'static str, block: &'static str, members: &'static [Member]) -> Member {
    Member { name, shape: Block(block, members) }
}

const fn inline(name: &'static str, members: &'static [Member]) -> Member {
    Member { name, shape: Inline(members) }
}

const fn resource(path: &'static str, kind: &'static str, members: &'static [Member]) -> Resource {
    Resource { path, kind, block: None, members }
}

const fn attack_protection(
    path: &'static str,
    block: &'static str,
    members: &'static [Member],
) -> Resource {
    Resource { path, kind: "auth0_attack_protection", block: Some(block), members }
}

pub(super) const RESOURCES: &[Resource] = &[
    attack_protection(
        "attack-protection/breached-password-detection",
        "breached_password_detection",
        &[
            same("enabled"),
            same("shields"),
            same("admin_notification_frequency"),
            same("method"),
            inline(
                "stage",
                &[
                    block("pre-user-registration", "pre_user_registration", &[same("shields")]),
                    block("pre-change-password", "pre_change_password", &[same("shields")]),
                ],
            ),
        ],
    ),
    attack_protection(
        "attack-protection/brute-force-protection",
        "brute_force_protection",
        &[same("enabled"), same("shields"), same("mode"), same("max_attempts"), same("allowlist")],
    ),
    attack_protection(
        "attack-protection/suspicious-ip-throttling",
        "suspicious_ip_throttling",
        &[
            same("enabled"),
            same("shields"),
            same("allowlist"),
            inline(
                "stage",
                &[
                    block("pre-login", "pre_login", THROTTLE),
                    block("pre-user-registration", "pre_user_registration", THROTTLE),
                ],
            ),
        ],
    ),
    attack_protection(
        "attack-protection/bot-detection",
        "bot_detection",
        &[
            same("bot_detection_level"),
            same("challenge_password_policy"),
            same("challenge_passwordless_policy"),
            same("challenge_password_reset_policy"),
            same("allowlist"),
            same("monitoring_mode_enabled"),
        ],
    ),
    attack_protection(
        "attack-protection/captcha",
        "captcha",
        &[
            same("active_provider_id"),
            block("auth_challenge", "auth_challenge", &[same("fail_open")]),
        ],
    ),
    resource("risk-assessments/settings", "auth0_risk_assessments", &[same("enabled")]),
    resource(
        "risk-assessments/settings/new-device",
        "auth0_risk_assessments_new_device",
        &[same("remember_for")],
    ),
    resource("guardian/policies", GUARDIAN, &[same("policy")]),
    Resource {
        path: "guardian/factors/webauthn-roaming",
        kind: GUARDIAN,
        block: Some("webauthn_roaming"),
        members: &[same("enabled")],
    },
    resource("guardian/factors/recovery-code", GUARDIAN, &[named("enabled", "recovery_code")]),
    resource(
        "tenants/settings",
        "auth0_tenant",
        &[
            same("default_audience"),
            same("default_directory"),
            same("session_lifetime"),
            same("idle_session_lifetime"),
            block("session_cookie", "session_cookie", &[same("mode")]),
            same("sandbox_version"),
            block(
                "flags",
                "flags",
                &[
                    same("allow_legacy_delegation_grant_types"),
                    same("allow_legacy_ro_grant_types"),
                    same("allow_legacy_tokeninfo_endpoint"),
                    same("enable_legacy_profile"),
                    same("enable_idtoken_api2"),
                    same("disable_clickjack_protection_headers"),
                    same("enable_dynamic_client_registration"),
                    same("enable_public_signup_user_exists_error"),
                    same("enable_client_connections"),
                    same("disable_management_api_sms_obfuscation"),
                    same("revoke_refresh_token_grant"),
                ],
            ),
        ],
    ),
    resource(
        "clients/{id}",
        "auth0_client",
        &[
            same("grant_types"),
            same("callbacks"),
            same("is_token_endpoint_ip_header_trusted"),
            same("oidc_conformant"),
            same("require_proof_of_possession"),
            same("require_pushed_authorization_requests"),
            named("cross_origin_authentication", "cross_origin_auth"),
            block(
                "jwt_configuration",
                "jwt_configuration",
                &[same("alg"), same("lifetime_in_seconds"), same("secret_encoded")],
            ),
            block(
                "refresh_token",
                "refresh_token",
                &[
                    same("rotation_type"),
                    same("expiration_type"),
                    same("leeway"),
                    same("token_lifetime"),
                    same("infinite_token_lifetime"),
                    same("idle_token_lifetime"),
                    same("infinite_idle_token_lifetime"),
                ],
            ),
        ],
    ),
    resource(
        "clients/{id}",
        "auth0_client_credentials",
        &[named("token_endpoint_auth_method", "authentication_method")],
    ),
    resource(
        "resource-servers/{id}",
        "auth0_resource_server",
        &[
            same("signing_alg"),
            same("token_lifetime"),
            same("token_lifetime_for_web"),
            same("allow_offline_access"),
            same("skip_consent_for_verifiable_first_party_clients"),
            same("enforce_policies"),
            block(
                "proof_of_possession",
                "proof_of_possession",
                &[same("mechanism"), same("required"), same("required_for")],
            ),
            block(
                "subject_type_authorization",
                "subject_type_authorization",
                &[
                    block("user", "user", &[same("policy")]),
                    block("client", "client", &[same("policy")]),
                ],
            ),
        ],
    ),
    resource("emails/provider", "auth0_email_provider", &[same("enabled")]),
    resource("prompts", "auth0_prompt", &[same("universal_login_experience")]),
];

const GUARDIAN: &str = "auth0_guardian";
const THROTTLE: &[Member] = &[same("max_attempts"), same("rate")];
