//! API credentials and access tokens. A secret appears only in the response that creates it.

use domain::credential::{self as of};
use domain::{Fault, Faults};
use engine::IssuedToken;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Timestamp, wire_enum};

wire_enum! {
    /// Role of a caller. `viewer` reads; `admin` also writes.
    Role of of::Role
}

/// An API credential, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "name": "Nightly report", "role": "viewer",
    "created_at": "2026-11-24T06:00:00.000000Z", "created_by": "ada@acme.example", "expires_at": "2027-02-22T06:00:00.000000Z",
    "last_used_at": "2026-11-25T03:00:00.000000Z", "revoked_at": null
}))]
pub struct ApiCredential {
    /// User name for `POST /v1/token`.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// The credential and its tokens are rejected from this instant on.
    pub expires_at: Timestamp,
    /// When it last obtained an access token. Null: never.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked. Null: not revoked.
    pub revoked_at: Option<Timestamp>,
}

impl From<of::Credential> for ApiCredential {
    fn from(credential: of::Credential) -> Self {
        Self {
            id: credential.id.0,
            name: credential.name,
            role: credential.role.into(),
            created_at: credential.created_at.into(),
            created_by: credential.created_by,
            expires_at: credential.expires_at.into(),
            last_used_at: credential.last_used_at.map(Timestamp),
            revoked_at: credential.revoked_at.map(Timestamp),
        }
    }
}

/// A new API credential, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "name": "Nightly report", "role": "viewer",
    "created_at": "2026-11-24T06:00:00.000000Z", "created_by": "ada@acme.example", "expires_at": "2027-02-22T06:00:00.000000Z",
    "last_used_at": null, "revoked_at": null, "secret": "sac_<43 letters, digits, - and _>"
}))]
pub struct CreatedApiCredential {
    #[serde(flatten)]
    pub credential: ApiCredential,
    /// Password for `POST /v1/token`. It is not shown again.
    #[schema(example = "sac_<43 letters, digits, - and _>")]
    pub secret: String,
}

impl CreatedApiCredential {
    pub fn new(credential: of::Credential, secret: &SecretString) -> Self {
        Self { credential: credential.into(), secret: secret.expose_secret().to_owned() }
    }
}

/// Request to create an API credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Nightly report", "role": "viewer"}))]
pub struct ApiCredentialInput {
    /// Display name. Surrounding spaces are trimmed.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Null or absent: `viewer`.
    pub role: Option<Role>,
    /// Must be in the future, within 365 days, and not after the expiry of the credential that makes the
    /// request. Null or absent: in 90 days.
    pub expires_at: Option<Timestamp>,
}

/// Token request (RFC 6749 section 4.4).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"grant_type": "client_credentials"}))]
pub struct TokenInput {
    /// `client_credentials`, the only grant type supported.
    #[schema(pattern = "^client_credentials$", example = "client_credentials")]
    pub grant_type: String,
}

/// An access token (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "sat_<43 letters, digits, - and _>", "token_type": "Bearer", "expires_in": 3600}))]
#[expect(clippy::struct_field_names, reason = "the names are those of RFC 6749")]
pub struct AccessToken {
    /// Opaque. Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Lifetime in seconds.
    pub expires_in: i64,
}

impl From<IssuedToken> for AccessToken {
    fn from(issued: IssuedToken) -> Self {
        Self {
            access_token: issued.token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: issued.expires_in_s,
        }
    }
}

/// Validates the form of a token request. Unknown parameters are ignored, as RFC 6749 section 3.2 demands.
/// Credentials in the form are rejected: they belong in the `Authorization` header.
pub fn grant_faults(members: &[(String, String)]) -> Result<(), Faults> {
    let mut faults = Vec::new();
    let grants: Vec<_> = members.iter().filter(|(name, _)| name == "grant_type").collect();
    match grants.as_slice() {
        [] if members.is_empty() => {}
        [] => faults.push(Fault::at("/grant_type", "is required: client_credentials")),
        [(_, grant)] if grant == "client_credentials" => {}
        [_] => faults.push(Fault::at("/grant_type", "must be client_credentials")),
        _ => faults.push(Fault::at("/grant_type", "must be given once")),
    }
    for name in ["client_id", "client_secret"] {
        if members.iter().any(|(given, _)| given == name) {
            let detail = "belongs into the Authorization header: leave it out";
            faults.push(Fault::at(format!("/{name}"), detail));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_token_is_what_oauth_says() {
        let read = |text: &str| {
            let members: Vec<_> =
                url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            grant_faults(&members).map_err(|Faults(faults)| faults.len())
        };
        for good in ["", "grant_type=client_credentials", "scope=x&grant_type=client%5Fcredentials"]
        {
            assert_eq!(read(good), Ok(()), "{good}");
        }
        for (bad, faults) in [
            ("scope=x", 1),
            ("grant_type=password", 1),
            ("grant_type=client_credentials&grant_type=client_credentials", 1),
            ("grant_type=client_credentials&client_id=a&client_secret=b", 2),
            ("client_secret=b", 2),
        ] {
            assert_eq!(read(bad), Err(faults), "{bad}");
        }
    }
}
