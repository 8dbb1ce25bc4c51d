//! Access tokens: `request` gets one, `classify` classifies each response, `token_cache` stores the token.

mod classify;
mod oauth_error;
mod rate_limited;
mod request;
mod response;
mod secret_body;
mod token_cache;
pub(crate) mod transport_error;

pub(crate) use request::{TokenOutcome, TokenRequest, TokenRequirement};
pub use token_cache::Fingerprint;
pub(crate) use token_cache::{CacheEntry, Tokens};

use std::sync::Arc;

use domain::address::Permission;
use domain::connection::Connection;
use domain::readings::TokenFacts;
use domain::scope::Scopes;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::origin::Origin;

/// The tenant of one connection, which may be called.
pub(crate) struct TenantTarget {
    pub connection: Connection,
    pub permission: Permission,
    pub origin: Origin,
    /// Of the connection.
    pub fingerprint: Fingerprint,
    pub cache_entry: Arc<CacheEntry>,
    pub user_agent: HeaderValue,
}

/// `Debug` hides its text.
#[derive(Debug)]
pub(crate) struct Token {
    text: SecretString,
    pub facts: TokenFacts,
    pub got_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Token {
    /// `Bearer …`, marked sensitive, so that HTTP/2 does not index it and `Debug` hides it.
    pub fn authorization(&self) -> HeaderValue {
        authorization(&self.text).expect("checked when the response was read")
    }

    /// For redaction.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The granted scopes. None: neither the response nor the token states them.
    pub fn scopes(&self) -> Option<Scopes> {
        self.facts.scopes()
    }

    /// Whether it has every required scope, as far as known.
    pub fn has_required_scopes(&self) -> bool {
        self.scopes().is_none_or(|scopes| scopes.missing_required().is_empty())
    }
}

fn authorization(text: &SecretString) -> Option<HeaderValue> {
    let bearer = Zeroizing::new(format!("Bearer {}", text.expose_secret()));
    let mut value = HeaderValue::from_str(&bearer).ok()?;
    value.set_sensitive(true);
    Some(value)
}
