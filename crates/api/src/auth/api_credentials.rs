//! Opaque access tokens of API credentials. `store` keeps their hashes; they are valid as long as their
//! credential is. A prefix distinguishes them from JWTs.

use std::sync::Arc;

use domain::credential::Credential;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use store::{Store, TokenHash};

use super::Identity;

/// Looks up the active credential of a token.
pub type CredentialLookup = Arc<
    dyn Fn(TokenHash, Timestamp) -> BoxFuture<'static, Result<Option<Credential>, store::Error>>
        + Send
        + Sync,
>;

/// Looks up credentials in the database.
pub fn from_store(store: &Store) -> CredentialLookup {
    let store = store.clone();
    Arc::new(move |hash, now| {
        let store = store.clone();
        Box::pin(async move { store.find_credential_by_token(&hash, now).await })
    })
}

impl From<&Credential> for Identity {
    fn from(credential: &Credential) -> Self {
        Self {
            organisation_id: credential.organisation_id.clone(),
            subject: credential.subject(),
            email: credential.masked(),
        }
    }
}
