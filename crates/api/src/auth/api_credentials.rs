//! Access tokens of our own, which API credentials get: opaque, kept by `store` as a hash, and good as
//! long as their credential is. They are told from JSON Web Tokens by their beginning.

use std::sync::Arc;

use domain::credential::Credential;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use store::{Store, TokenHash};

use super::Identity;

/// Finds the living credential that a token belongs to.
pub type CredentialLookup = Arc<
    dyn Fn(TokenHash, Timestamp) -> BoxFuture<'static, Result<Option<Credential>, store::Error>>
        + Send
        + Sync,
>;

/// Those that the store keeps.
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
            role: credential.role,
        }
    }
}
