//! Validates the bodies of changes by the members of Auth0's OpenAPI document, without read-only ones. Resources that
//! are not listed here accept any body.

mod names;

use crate::reply::{not_allowed, on_property};
use crate::settings::type_name;
use names::{CLIENT, FLAGS, RESOURCE_SERVER, TENANT};
use serde_json::Value;

struct Writable {
    path: &'static str,
    members: &'static [&'static str],
    /// Members that null removes. Others keep their type.
    nullable: &'static [&'static str],
    /// Objects with required members, because they are replaced as a whole.
    whole: &'static [(&'static str, &'static [&'static str])],
    /// Objects with a fixed set of members.
    inside: &'static [(&'static str, &'static [&'static str])],
}

const fn writable(path: &'static str, members: &'static [&'static str]) -> Writable {
    Writable { path, members, nullable: &[], whole: &[], inside: &[] }
}

/// The error is a message about the invalid member.
pub(crate) fn accepts(path: &str, stored: &Value, change: &Value) -> Result<(), String> {
    let Some(writable) = WRITABLE.iter().find(|writable| writable.path == path) else {
        return Ok(());
    };
    for (name, value) in change.as_object().into_iter().flatten() {
        let name = name.as_str();
        if !writable.members.contains(&name) {
            return Err(not_allowed(name));
        }
        same_type(writable, stored, name, value)?;
        let named = |list: &'static [(&str, &'static [&str])]| {
            list.iter().find(|(object, _)| *object == name).map(|(_, members)| *members)
        };
        let Some(object) = value.as_object() else { continue };
        if let Some(missing) = named(writable.whole)
            .and_then(|all| all.iter().find(|each| !object.contains_key(**each)))
        {
            return Err(on_property(&format!("Missing required property: {missing}"), name));
        }
        if let Some(known) = named(writable.inside)
            && let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str()))
        {
            return Err(not_allowed(unknown));
        }
    }
    Ok(())
}

fn same_type(writable: &Writable, stored: &Value, name: &str, value: &Value) -> Result<(), String> {
    let (present, found) = (stored.get(name), type_name(value));
    let expected = match present {
        None | Some(Value::Null) if found != "null" => return Ok(()),
        Some(present) if type_name(present) == found => return Ok(()),
        _ if found == "null" && writable.nullable.contains(&name) => return Ok(()),
        None => "string",
        Some(present) => type_name(present),
    };
    Err(on_property(&format!("Expected type {expected} but found type {found}"), name))
}

const WRITABLE: &[Writable] = &[
    Writable {
        inside: &[("stage", &["pre-user-registration", "pre-change-password"])],
        ..writable(
            "attack-protection/breached-password-detection",
            &["enabled", "shields", "admin_notification_frequency", "method", "stage"],
        )
    },
    writable(
        "attack-protection/brute-force-protection",
        // Source of the last one: auth0-python 6.8.0.
        &["enabled", "shields", "allowlist", "mode", "max_attempts", "form_submission_mode"],
    ),
    Writable {
        // Source of the last one: recorded responses and official SDKs; the document is older.
        inside: &[("stage", &["pre-login", "pre-user-registration", "pre-custom-token-exchange"])],
        ..writable(
            "attack-protection/suspicious-ip-throttling",
            &["enabled", "shields", "allowlist", "stage"],
        )
    },
    writable(
        "attack-protection/bot-detection",
        &[
            "bot_detection_level",
            "challenge_password_policy",
            "challenge_passwordless_policy",
            "challenge_password_reset_policy",
            "allowlist",
            "monitoring_mode_enabled",
        ],
    ),
    writable(
        "attack-protection/captcha",
        &[
            "active_provider_id",
            "arkose",
            "auth_challenge",
            "hcaptcha",
            "friendly_captcha",
            "recaptcha_enterprise",
            "recaptcha_v2",
            "simple_captcha",
        ],
    ),
    writable("attack-protection/phone-provider-protection", &["type"]),
    writable("risk-assessments/settings", &["enabled"]),
    writable("risk-assessments/settings/new-device", &["remember_for"]),
    writable("supplemental-signals", &["akamai_enabled"]),
    writable("guardian/factors", &["enabled"]),
    writable(
        "emails/provider",
        &["name", "enabled", "default_from_address", "credentials", "settings"],
    ),
    writable(
        "prompts",
        &["universal_login_experience", "identifier_first", "webauthn_platform_first_factor"],
    ),
    Writable {
        nullable: &[
            "change_password",
            "guardian_mfa_page",
            "error_page",
            "device_flow",
            "default_token_quota",
            "session_cookie",
            "sessions",
            "acr_values_supported",
            "mtls",
            "skip_non_verifiable_callback_uri_confirmation_prompt",
        ],
        inside: &[("flags", FLAGS)],
        ..writable("tenants/settings", TENANT)
    },
    Writable {
        nullable: &[
            "session_transfer",
            "encryption_key",
            "refresh_token",
            "default_organization",
            "client_authentication_methods",
            "compliance_level",
            "par_request_expiry",
        ],
        whole: &[("refresh_token", &["rotation_type", "expiration_type"])],
        ..writable("clients", CLIENT)
    },
    Writable {
        nullable: &[
            "token_encryption",
            "consent_policy",
            "authorization_details",
            "proof_of_possession",
            "authorization_policy",
        ],
        whole: &[("proof_of_possession", &["mechanism", "required"])],
        inside: &[
            ("proof_of_possession", &["mechanism", "required", "required_for"]),
            ("subject_type_authorization", &["user", "client"]),
        ],
        ..writable("resource-servers", RESOURCE_SERVER)
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ENDPOINTS;
    use crate::testing::Tenant;
    use serde_json::json;

    const BRUTE_FORCE: &str = "attack-protection/brute-force-protection";

    #[test]
    fn every_path_can_be_changed() {
        for writable in WRITABLE {
            let mut known = ENDPOINTS.iter().filter(|endpoint| endpoint.path == writable.path);
            assert!(known.next().unwrap().write.is_some(), "{}", writable.path);
        }
    }

    #[test]
    fn objects_replaced_as_a_whole_must_be_complete() {
        let stored = json!({"refresh_token": {"rotation_type": "rotating"}});
        let part = json!({"refresh_token": {"rotation_type": "rotating"}});
        assert_eq!(
            accepts("clients", &stored, &part).unwrap_err(),
            "'Missing required property: expiration_type' on property refresh_token."
        );
        assert!(accepts("clients", &stored, &json!({"refresh_token": null})).is_ok());
    }

    #[test]
    fn nested_members_and_types_are_validated() {
        let stored = json!({"flags": {}, "session_lifetime": 72});
        let accepts = |change| accepts("tenants/settings", &stored, &change);
        assert!(accepts(json!({"flags": {"enable_sso": true}, "session_lifetime": 1})).is_ok());
        assert!(accepts(json!({"flags": {"enable_all": true}})).is_err());
        assert!(accepts(json!({"session_lifetime": "long"})).is_err());
        assert!(accepts(json!({"support_email": null})).is_err());
        assert!(accepts(json!({"support_email": "a@b.example"})).is_ok());
    }

    #[tokio::test]
    async fn an_invalid_body_changes_nothing() {
        let tenant = Tenant::bundled("hardened");
        let token = tenant.token_with(&["update:attack_protection", "update:clients"]).await;
        let path = format!("/api/v2/{BRUTE_FORCE}");
        let unknown = json!({"shields": ["block"], "blocked": true});
        let refused = tenant.send("PATCH", &path, &token, unknown).await;
        assert_eq!(
            refused.json(),
            json!({"statusCode": 400, "error": "Bad Request", "errorCode": "invalid_body",
                "message": "Payload validation error: 'Additional properties not allowed: blocked'."})
        );
        assert_eq!(tenant.send("PATCH", &path, &token, json!({"enabled": null})).await.status, 400);
        let client = "/api/v2/clients/simulated-hardened";
        let id = json!({"client_id": "another"});
        assert_eq!(tenant.send("PATCH", client, &token, id).await.status, 400);
        assert_eq!(tenant.get(BRUTE_FORCE, &token).await.json()["enabled"], true);
    }
}
