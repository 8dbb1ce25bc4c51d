//! The access token: asking for it, telling refusals apart, keeping it in memory. Not here: using it.

mod answer;
mod backoff;
mod cache;
mod fetch;
mod oauth_error;
mod rate_limited;
mod secret_body;
pub(crate) mod transport_error;

pub(crate) use backoff::BackoffGate;
pub(crate) use cache::{CacheEntry, Tokens};
pub(crate) use fetch::{Attempts, TokenFetch, TokenOutcome};

use domain::readings::TokenFacts;
use domain::scope::Scopes;
use jiff::Timestamp;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

/// A granted token. `Debug` never shows it.
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
        authorization(&self.text).expect("the text was tried when it was read")
    }

    /// To cut it out of what is quoted.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What it may do; none when neither the answer nor the token says.
    pub fn scopes(&self) -> Option<Scopes> {
        self.facts.scopes()
    }

    /// Whether it can stand for a sync: every required scope, as far as is known.
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
