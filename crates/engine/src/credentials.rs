//! API credentials: created and revoked by administrators, exchanged for access tokens by programs. Callers cannot
//! find out whether an id exists: both cases take the same work and get the same response.

use std::net::{IpAddr, SocketAddr};

use domain::CredentialId;
use domain::clock::rfc3339;
use domain::credential::{Credential, NewCredential};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use store::{CredentialWithHash, HashQueue, new_secret, new_token};
use uuid::Uuid;

use crate::login_lockout::LoginKey;
use crate::{Actor, Engine, Error};

/// A program's request for an access token.
#[derive(Debug)]
pub struct TokenRequest {
    /// None when the client id is not a credential id.
    pub id: Option<CredentialId>,
    pub secret: SecretString,
    /// Whether this secret was verified not long ago: then wrong ones from the same network do not lock it out.
    pub is_known: bool,
    pub source_address: Option<SocketAddr>,
    /// The network of the source address, for the lock-out.
    pub client_network: Option<IpAddr>,
    pub request_id: String,
    /// The service's own, if the client chose `request_id`.
    pub own_request_id: Option<String>,
}

/// A new access token.
#[derive(Debug)]
pub struct IssuedToken {
    /// Shown once.
    pub token: SecretString,
    pub expires_in_s: i64,
    pub credential: Credential,
}

impl Engine {
    /// Creates a credential. Its secret is not stored.
    pub async fn create_credential(
        &self,
        actor: &Actor,
        new: NewCredential,
    ) -> Result<(Credential, SecretString), Error> {
        let secret = new_secret();
        let hash = self.store().hashing().hash(&secret).await?;
        let id = CredentialId(self.ids().next());
        let mut audit = self.audit(actor, "create_api_credential", Some(id.0));
        let credential = Credential {
            organisation_id: actor.organisation_id.clone(),
            id,
            name: new.name,
            role: new.role,
            created_at: audit.at,
            created_by: actor.email.clone(),
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        audit.details = json!({
            "name": credential.name, "role": credential.role.name(), "expires_at": rfc3339(credential.expires_at),
        });
        if self.store().insert_credential(&credential, &hash, &audit).await? {
            return Ok((credential, secret));
        }
        Err(Error::TooManyCredentials)
    }

    /// Revokes a credential and its tokens at once.
    pub async fn revoke_credential(&self, actor: &Actor, id: CredentialId) -> Result<(), Error> {
        let audit = self.audit(actor, "revoke_api_credential", Some(id.0));
        let org = &actor.organisation_id;
        let was_there = self.store().revoke_credential(org, id, audit.at, &audit).await?;
        if was_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Verifies an id and secret.
    pub async fn authenticate(&self, request: &TokenRequest) -> Result<Credential, Error> {
        let now = self.clock().now();
        let failed_logins = &self.shared.failed_logins;
        let key = request.login_key().filter(|_| !request.is_known);
        if let Some(retry_after_s) = key.and_then(|key| failed_logins.locked_for(key, now)) {
            tracing::warn!(credential_id = ?request.id, "token request refused: too many wrong secrets");
            return Err(Error::TooManyGuesses { retry_after_s });
        }
        let id = request.id.unwrap_or(CredentialId(Uuid::nil()));
        let found = self.store().find_credential_for_token(id).await?;
        let hash = found.as_ref().map(|guarded| &guarded.hash);
        let queue = if request.is_known { HashQueue::Authenticated } else { HashQueue::Anyone };
        let is_right = self.store().hashing().verify(&request.secret, hash, queue).await?;
        let Some(CredentialWithHash { credential, .. }) = found else {
            self.record_failed_login(request, now);
            tracing::warn!(credential_id = ?request.id, "token request refused: unknown credential");
            return Err(Error::WrongCredentials);
        };
        let why = match (is_right, credential.revoked_at, credential.is_living(now)) {
            (false, _, _) => "wrong_secret",
            (true, Some(_), _) => "revoked",
            (true, None, false) => "expired",
            (true, None, true) => return Ok(credential),
        };
        Err(self.refuse_token(request, &credential, why, now))
    }

    /// Issues an access token for a credential that was just [authenticated](Self::authenticate).
    pub async fn issue_token(
        &self,
        request: &TokenRequest,
        credential: Credential,
    ) -> Result<IssuedToken, Error> {
        let now = self.clock().now();
        let (token, hash) = new_token();
        let expires_at = credential.token_expires_at(now);
        let mut audit =
            self.audit(&request.actor_of(&credential), "create_token", Some(credential.id.0));
        audit.details = json!({"expires_at": rfc3339(expires_at)});
        if !self.store().insert_token(&credential, &hash, expires_at, now, &audit).await? {
            return Err(self.refuse_token(request, &credential, "revoked", now));
        }
        if let Some(key) = request.login_key() {
            self.shared.failed_logins.reset(key);
        }
        let expires_in_s = expires_at.duration_since(now).as_secs();
        Ok(IssuedToken { token, expires_in_s, credential })
    }

    /// The reason is in the audit trail and not in the response, which does not wait for the audit event: an unknown
    /// id has none, and the time would reveal that. To keep unauthenticated callers from filling the audit trail,
    /// only a few refusals of each credential are recorded in a period; all are logged.
    fn refuse_token(
        &self,
        request: &TokenRequest,
        credential: &Credential,
        why: &str,
        now: Timestamp,
    ) -> Error {
        self.record_failed_login(request, now);
        tracing::warn!(credential_id = %credential.id.0, why, "token request refused");
        let anywhere = (credential.id, None);
        if self.shared.refused.locked_for(anywhere, now).is_some() {
            return Error::WrongCredentials;
        }
        self.shared.refused.record_failure(anywhere, now);
        let mut audit =
            self.audit(&request.actor_of(credential), "create_token", Some(credential.id.0));
        audit.outcome = "refused";
        audit.details = json!({"reason": why});
        self.enqueue_audit(audit);
        Error::WrongCredentials
    }

    fn record_failed_login(&self, request: &TokenRequest, now: Timestamp) {
        if let Some(key) = request.login_key() {
            self.shared.failed_logins.record_failure(key, now);
        }
    }
}

impl TokenRequest {
    /// Includes the network, so that clients elsewhere cannot lock out the credential's owner.
    fn login_key(&self) -> Option<LoginKey> {
        Some((self.id?, self.client_network))
    }

    fn actor_of(&self, credential: &Credential) -> Actor {
        Actor {
            organisation_id: credential.organisation_id.clone(),
            subject: credential.subject(),
            email: credential.masked(),
            source_address: self.source_address,
            request_id: self.request_id.clone(),
            own_request_id: self.own_request_id.clone(),
        }
    }
}
