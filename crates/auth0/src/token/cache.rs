//! Tokens in memory, by credentials. The key is a MAC under a key of this process, so that no map
//! holds a secret. One request at a time for each credentials; who waited for it shares its outcome.

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

/// A token this near its end is not used again.
const LEAST_LEFT: Duration = Duration::from_mins(1);
/// A grant can have changed since; a token older than this is renewed.
const OLDEST: Duration = Duration::from_mins(10);

type Key = [u8; 32];

/// All tokens.
pub(crate) struct Tokens {
    mac: hmac::Key,
    slots: Mutex<BoundedMap<Key, CacheEntry>>,
}

/// The place of one credentials' token.
#[derive(Debug, Default)]
pub(crate) struct CacheEntry {
    /// Held while a token is asked for.
    pub request_lock: tokio::sync::Mutex<()>,
    kept: Mutex<CachedToken>,
}

#[derive(Debug, Default)]
struct CachedToken {
    flights: u64,
    last: Option<Result<Arc<Token>, Problem>>,
    /// Outlives a request that failed by something that passes: that says nothing about it.
    token: Option<Arc<Token>>,
}

impl Tokens {
    /// `None` when the machine has no randomness.
    pub fn new(capacity: usize) -> Option<Self> {
        let mac = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        Some(Self { mac, slots: Mutex::new(BoundedMap::new(capacity)) })
    }

    /// The place of these credentials.
    pub fn slot(&self, connection: &Connection) -> Arc<CacheEntry> {
        let key = self.key(connection);
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(&key) {
            return slot;
        }
        let slot = Arc::new(CacheEntry::default());
        slots.insert(key, Arc::clone(&slot));
        slot
    }

    /// Drops the token of these credentials.
    pub fn forget(&self, connection: &Connection) {
        lock(&self.slots).remove(&self.key(connection));
    }

    fn key(&self, connection: &Connection) -> Key {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in [
            connection.api_identifier.as_str(),
            connection.api_audience.as_str(),
            connection.client_id.as_str(),
            connection.client_secret.expose_secret(),
        ] {
            // The lengths keep neighbouring parts from running into each other.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(context.sign().as_ref());
        key
    }
}

impl CacheEntry {
    /// How many requests have ended here.
    pub fn generation(&self) -> u64 {
        lock(&self.kept).flights
    }

    /// The outcome of a request that ended after `flights` was noted.
    pub fn result_since(&self, flights: u64) -> Option<Result<Arc<Token>, Problem>> {
        let kept = lock(&self.kept);
        kept.last.clone().filter(|_| kept.flights != flights)
    }

    /// A token that can still be used, for a caller content with one that is not new.
    pub fn valid_token(&self, now: Timestamp) -> Option<Arc<Token>> {
        let kept = lock(&self.kept);
        let token = kept.token.as_ref()?;
        let is_usable = time_until(now, token.expires_at) > LEAST_LEFT
            && time_until(token.got_at, now) <= OLDEST
            && token.has_required_scopes();
        is_usable.then(|| Arc::clone(token))
    }

    /// The latest token.
    pub fn latest(&self) -> Option<Arc<Token>> {
        lock(&self.kept).token.clone()
    }

    /// Drops this token, which the tenant no longer accepts, unless there is another already.
    pub fn drop_token(&self, refused: &Arc<Token>) {
        lock(&self.kept).token.take_if(|token| Arc::ptr_eq(token, refused));
    }

    /// Notes how a request ended.
    pub fn complete(&self, outcome: Result<Arc<Token>, Problem>) {
        let mut kept = lock(&self.kept);
        kept.flights += 1;
        match &outcome {
            Ok(token) => kept.token = Some(Arc::clone(token)),
            Err(problem) if !problem.retryable => kept.token = None,
            Err(_) => {}
        }
        kept.last = Some(outcome);
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
            super::super::answer::read(body.to_string().as_bytes(), Timestamp::UNIX_EPOCH).unwrap(),
        )
    }

    const REQUIRED: &str = "read:attack_protection read:mfa_policies read:stats";

    #[test]
    fn each_credentials_have_their_own_place() {
        let tokens = Tokens::new(10).unwrap();
        let slot = tokens.slot(&connection("ab", "c"));
        assert!(Arc::ptr_eq(&slot, &tokens.slot(&connection("ab", "c"))));
        assert!(!Arc::ptr_eq(&slot, &tokens.slot(&connection("a", "bc"))));
        assert!(!Arc::ptr_eq(&slot, &tokens.slot(&connection("ab", "d"))));
        tokens.forget(&connection("ab", "c"));
        assert!(!Arc::ptr_eq(&slot, &tokens.slot(&connection("ab", "c"))));
    }

    #[test]
    fn a_token_is_used_again_while_young_valid_and_sufficient() {
        let slot = CacheEntry::default();
        let at = |seconds| saturating_add(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds));
        slot.complete(Ok(token(REQUIRED, 86400)));
        assert!(slot.valid_token(at(600)).is_some() && slot.valid_token(at(601)).is_none());
        slot.complete(Ok(token(REQUIRED, 300)));
        assert!(slot.valid_token(at(239)).is_some() && slot.valid_token(at(240)).is_none());
        slot.complete(Ok(token("read:stats", 86400)));
        assert!(slot.valid_token(at(0)).is_none() && slot.latest().is_some());
    }

    #[test]
    fn a_token_outlives_what_passes_and_no_refusal() {
        let slot = CacheEntry::default();
        let problem = Problem::caused_by_customer(StepName::Token, StepCode::RateLimited, "x", "y");
        slot.complete(Ok(token(REQUIRED, 86400)));
        slot.complete(Err(problem.clone().retryable()));
        assert!(slot.valid_token(Timestamp::UNIX_EPOCH).is_some() && slot.latest().is_some());
        assert!(slot.result_since(1).is_some_and(|outcome| outcome.is_err()));
        slot.complete(Err(problem));
        assert!(slot.valid_token(Timestamp::UNIX_EPOCH).is_none() && slot.latest().is_none());
    }

    #[test]
    fn who_waited_for_a_request_shares_its_outcome() {
        let slot = CacheEntry::default();
        let before = slot.generation();
        assert!(slot.result_since(before).is_none());
        slot.complete(Ok(token(REQUIRED, 300)));
        assert!(slot.result_since(before).is_some_and(|outcome| outcome.is_ok()));
        assert!(slot.result_since(slot.generation()).is_none());
    }
}
