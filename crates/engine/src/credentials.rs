//! API credentials: made and revoked by administrators, exchanged for access tokens by programs.
//! Whether an id exists is not told: both ways cost the same work and get the same answer.

use std::net::{IpAddr, SocketAddr};

use domain::CredentialId;
use domain::clock::rfc3339;
use domain::credential::{Credential, NewCredential};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use store::{CredentialWithHash, new_secret, new_token};
use uuid::Uuid;

use crate::failed_logins::LoginKey;
use crate::{Actor, Engine, Error};

/// A program that asks for an access token.
#[derive(Debug)]
pub struct TokenRequest {
    /// None when the client id is not a credential id.
    pub id: Option<CredentialId>,
    pub secret: SecretString,
    pub source_address: Option<SocketAddr>,
    /// The network of the source address, for the lock-out.
    pub client_network: Option<IpAddr>,
    pub request_id: String,
}

/// An access token that was just issued.
#[derive(Debug)]
pub struct IssuedToken {
    /// To be shown once.
    pub token: SecretString,
    /// For how many seconds it is good.
    pub expires_in_s: i64,
    /// Whose it is.
    pub credential: Credential,
}

impl Engine {
    /// Makes a credential; its secret is not kept.
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

    /// Ends a credential and its tokens at once.
    pub async fn revoke_credential(&self, actor: &Actor, id: CredentialId) -> Result<(), Error> {
        let audit = self.audit(actor, "revoke_api_credential", Some(id.0));
        let org = &actor.organisation_id;
        let was_there = self.store().revoke_credential(org, id, audit.at, &audit).await?;
        if was_there { Ok(()) } else { Err(Error::NotFound) }
    }

    /// The credential that an id and its secret are good for.
    pub async fn authenticate(&self, request: &TokenRequest) -> Result<Credential, Error> {
        let now = self.clock().now();
        let failed_logins = &self.shared.failed_logins;
        if let Some(retry_after_s) =
            request.login_key().and_then(|key| failed_logins.locked_for(key, now))
        {
            tracing::warn!(credential_id = ?request.id, "too many wrong secrets were sent for this id");
            return Err(Error::TooManyGuesses { retry_after_s });
        }
        let id = request.id.unwrap_or(CredentialId(Uuid::nil()));
        let found = self.store().find_credential_for_token(id).await?;
        let hash = found.as_ref().map(|guarded| &guarded.hash);
        let is_right = self.store().hashing().verify(&request.secret, hash).await?;
        let Some(CredentialWithHash { credential, .. }) = found else {
            self.record_failed_login(request, now);
            tracing::warn!(credential_id = ?request.id, "an unknown credential request for a token");
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

    /// An access token for a credential that was just [authenticated](Self::authenticate).
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

    /// The audit says why; the caller is not told, and does not wait for it either: an id that is not
    /// there has no row to wait for. Strangers must not fill the audit, so of each credential only a few
    /// refusals are written in a while, wherever they come from; the log has each.
    fn refuse_token(
        &self,
        request: &TokenRequest,
        credential: &Credential,
        why: &str,
        now: Timestamp,
    ) -> Error {
        self.record_failed_login(request, now);
        tracing::warn!(credential_id = %credential.id.0, why, "a token was refused");
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
    /// With the network, so that clients elsewhere cannot lock out the credential's owner.
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
        }
    }
}
