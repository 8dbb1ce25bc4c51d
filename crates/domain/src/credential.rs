//! API credentials: an id and a secret that a program of an organisation calls with. What they are
//! and how one is asked for; never the secret, which `store` makes and keeps as a hash.

mod read;

use jiff::{SignedDuration, Timestamp};

use crate::ids::{CredentialId, OrganisationId};

pub use read::NewCredential;

/// Living ones of an organisation at the most.
pub const ACTIVE_MAX: u32 = 50;
/// How long one lives unless it is said otherwise.
pub const LIFETIME_DEFAULT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The longest life of one.
pub const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long an access token of one is good.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// The beginning of the subject of a caller that is a credential. No other caller may have it.
pub const SUBJECT_PREFIX: &str = "credential:";

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads and writes.
    Admin,
    /// Reads.
    Viewer,
}

impl Role {
    /// The name in a claim, a body and a row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::Viewer].into_iter().find(|role| role.name() == name)
    }
}

/// A credential, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Also the user name that it calls with.
    pub id: CredentialId,
    /// For people; need not be unique.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom: as shown in Started By.
    pub created_by: String,
    /// From this instant on it is refused.
    pub expires_at: Timestamp,
    /// When it last got an access token.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

impl Credential {
    /// Whether it is accepted.
    pub fn is_living(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Who calls, for programs.
    pub fn subject(&self) -> String {
        format!("{SUBJECT_PREFIX}{}", self.id)
    }

    /// Who calls, for people: stands where a person's e-mail stands.
    pub fn masked(&self) -> String {
        format!("{} (API credential)", self.name)
    }

    /// When an access token that is issued now ends.
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
