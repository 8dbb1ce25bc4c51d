//! The token cache, by credentials. The key is a MAC with a key of this process, so that the map contains no secrets.
//! One request at a time for each credentials; callers that waited for it share its result.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::{hmac, rand::SystemRandom};
use domain::connection::Connection;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::bounded::BoundedMap;
use crate::connect_error::Problem;
use crate::lock;
use crate::time::time_until;
use crate::token::Token;

/// A token that expires sooner is not used again.
const MIN_LIFETIME_LEFT: Duration = Duration::from_mins(1);
/// An older token is renewed, because the grant may have changed.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Identifies credentials within this process: a MAC with its key.
pub type Fingerprint = [u8; 32];

pub(crate) struct Tokens {
    mac: hmac::Key,
    entries: Mutex<BoundedMap<Fingerprint, CacheEntry>>,
}

/// The cached token of one credentials.
#[derive(Debug, Default)]
pub(crate) struct CacheEntry {
    /// Held while a token is requested.
    pub request_lock: tokio::sync::Mutex<()>,
    cached: Mutex<CachedToken>,
}

#[derive(Debug, Default)]
struct CachedToken {
    generation: u64,
    last: Option<Result<Arc<Token>, Problem>>,
    /// Survives a request that met a transient fault.
    token: Option<Arc<Token>>,
}

impl Tokens {
    /// `None`: the operating system provides no randomness.
    pub fn new(capacity: usize) -> Option<Self> {
        let mac = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        Some(Self { mac, entries: Mutex::new(BoundedMap::new(capacity)) })
    }

    pub fn entry(&self, connection: &Connection) -> Arc<CacheEntry> {
        let key = self.fingerprint(connection);
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get(&key) {
            return entry;
        }
        let entry = Arc::new(CacheEntry::default());
        entries.insert(key, Arc::clone(&entry));
        entry
    }

    pub fn forget(&self, connection: &Connection) {
        lock(&self.entries).remove(&self.fingerprint(connection));
    }

    pub fn fingerprint(&self, connection: &Connection) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in [
            connection.api_identifier.as_str(),
            connection.api_audience.as_str(),
            connection.client_id.as_str(),
            connection.client_secret.expose_secret(),
        ] {
            // The lengths separate adjacent parts.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.sign().as_ref());
        key
    }
}

impl CacheEntry {
    /// Number of finished requests.
    pub fn generation(&self) -> u64 {
        lock(&self.cached).generation
    }

    /// The result of a request that finished after `generation` was read.
    pub fn result_since(&self, generation: u64) -> Option<Result<Arc<Token>, Problem>> {
        let cached = lock(&self.cached);
        cached.last.clone().filter(|_| cached.generation != generation)
    }

    /// A token that may be used again.
    pub fn valid_token(&self, now: Timestamp) -> Option<Arc<Token>> {
        let cached = lock(&self.cached);
        let token = cached.token.as_ref()?;
        let is_usable = time_until(now, token.expires_at) > MIN_LIFETIME_LEFT
            && time_until(token.got_at, now) <= MAX_AGE
            && token.has_required_scopes();
        is_usable.then(|| Arc::clone(token))
    }

    pub fn latest(&self) -> Option<Arc<Token>> {
        lock(&self.cached).token.clone()
    }

    /// Drops this token, which the tenant no longer accepts, unless it has been replaced already.
    pub fn drop_token(&self, refused: &Arc<Token>) {
        lock(&self.cached).token.take_if(|token| Arc::ptr_eq(token, refused));
    }

    pub fn complete(&self, outcome: Result<Arc<Token>, Problem>) {
        let mut cached = lock(&self.cached);
        cached.generation += 1;
        match &outcome {
            Ok(token) => cached.token = Some(Arc::clone(token)),
            Err(problem) if !problem.retryable => cached.token = None,
            Err(_) => {}
        }
        cached.last = Some(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::saturating_add;
    use domain::address::{AllowedOrigins, TenantAddress};
    use domain::connection_test::{StepCode, StepName};

    fn connection(client_id: &str, secret: &str) -> Connection {
        let address =
            TenantAddress::parse("acme.eu.auth0.com", &AllowedOrigins::default()).unwrap().address;
        Connection {
            api_identifier: address.clone(),
            api_audience: address,
            client_id: client_id.into(),
            client_secret: secret.into(),
        }
    }

    fn token(scope: &str, lifetime_s: u64) -> Arc<Token> {
        let body =
            serde_json::json!({"access_token": "x", "scope": scope, "expires_in": lifetime_s});
        Arc::new(
            super::super::response::read(body.to_string().as_bytes(), Timestamp::UNIX_EPOCH)
                .unwrap(),
        )
    }

    const REQUIRED: &str = "read:attack_protection read:mfa_policies read:stats";

    #[test]
    fn each_credentials_have_their_own_entry() {
        let tokens = Tokens::new(10).unwrap();
        let entry = tokens.entry(&connection("ab", "c"));
        assert!(Arc::ptr_eq(&entry, &tokens.entry(&connection("ab", "c"))));
        assert!(!Arc::ptr_eq(&entry, &tokens.entry(&connection("a", "bc"))));
        assert!(!Arc::ptr_eq(&entry, &tokens.entry(&connection("ab", "d"))));
        tokens.forget(&connection("ab", "c"));
        assert!(!Arc::ptr_eq(&entry, &tokens.entry(&connection("ab", "c"))));
    }

    #[test]
    fn a_token_is_used_again_while_young_valid_and_sufficient() {
        let entry = CacheEntry::default();
        let at = |seconds| saturating_add(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds));
        entry.complete(Ok(token(REQUIRED, 86400)));
        assert!(entry.valid_token(at(600)).is_some() && entry.valid_token(at(601)).is_none());
        entry.complete(Ok(token(REQUIRED, 300)));
        assert!(entry.valid_token(at(239)).is_some() && entry.valid_token(at(240)).is_none());
        entry.complete(Ok(token("read:stats", 86400)));
        assert!(entry.valid_token(at(0)).is_none() && entry.latest().is_some());
    }

    #[test]
    fn a_token_survives_a_transient_fault_and_no_refusal() {
        let entry = CacheEntry::default();
        let problem = Problem::caused_by_customer(StepName::Token, StepCode::RateLimited, "x", "y");
        entry.complete(Ok(token(REQUIRED, 86400)));
        entry.complete(Err(problem.clone().retryable()));
        assert!(entry.valid_token(Timestamp::UNIX_EPOCH).is_some() && entry.latest().is_some());
        assert!(entry.result_since(1).is_some_and(|outcome| outcome.is_err()));
        entry.complete(Err(problem));
        assert!(entry.valid_token(Timestamp::UNIX_EPOCH).is_none() && entry.latest().is_none());
    }

    #[test]
    fn a_caller_that_waited_for_a_request_shares_its_result() {
        let entry = CacheEntry::default();
        let before = entry.generation();
        assert!(entry.result_since(before).is_none());
        entry.complete(Ok(token(REQUIRED, 300)));
        assert!(entry.result_since(before).is_some_and(|outcome| outcome.is_ok()));
        assert!(entry.result_since(entry.generation()).is_none());
    }
}
