//! API credentials: id and secret of a program of an organisation. `store` generates the secret and stores
//! its hash.

mod read;

use jiff::{SignedDuration, Timestamp};

use crate::ids::{CredentialId, OrganisationId};
use crate::named_enum::named_enum;

pub use read::NewCredential;

/// Maximum number of active credentials of an organisation.
pub const ACTIVE_MAX: u32 = 50;
/// Default lifetime.
pub const LIFETIME_DEFAULT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Maximum lifetime.
pub const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Lifetime of an access token.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Prefix of the subject of a caller that uses an API credential. Reserved: JWTs with it are rejected.
pub const SUBJECT_PREFIX: &str = "credential:";

named_enum! {
    /// Role of a caller.
    pub enum Role {
        Admin = "admin",
        Viewer = "viewer",
    }
}

/// A credential, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub organisation_id: OrganisationId,
    /// Also the user name for token requests.
    pub id: CredentialId,
    /// Display name; not unique.
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
    /// The user, as shown in Started By.
    pub created_by: String,
    /// The credential is rejected from this instant on.
    pub expires_at: Timestamp,
    /// When it last obtained an access token.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Credential {
    /// Whether the credential is neither revoked nor expired.
    pub fn is_living(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Subject of the caller in the audit.
    pub fn subject(&self) -> String {
        format!("{SUBJECT_PREFIX}{}", self.id)
    }

    /// Shown instead of an e-mail address.
    pub fn masked(&self) -> String {
        format!("{} (API credential)", self.name)
    }

    /// Expiry of an access token that is issued now.
    pub fn token_expires_at(&self, now: Timestamp) -> Timestamp {
        now.checked_add(TOKEN_LIFETIME).unwrap_or(self.expires_at).min(self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_with_its_credential() {
        let now: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        let mut credential = Credential {
            organisation_id: OrganisationId::parse("acme").unwrap(),
            id: CredentialId(uuid::Uuid::nil()),
            name: "Nightly".into(),
            role: Role::Viewer,
            created_at: now,
            created_by: "ada@acme.example".into(),
            expires_at: now + SignedDuration::from_mins(5),
            last_used_at: None,
            revoked_at: None,
        };
        assert_eq!(credential.token_expires_at(now), credential.expires_at);
        assert!(credential.is_living(now) && !credential.is_living(credential.expires_at));
        credential.expires_at = now + SignedDuration::from_hours(2);
        assert_eq!(credential.token_expires_at(now), now + TOKEN_LIFETIME);
        credential.revoked_at = Some(now);
        assert!(!credential.is_living(now));
    }
}
