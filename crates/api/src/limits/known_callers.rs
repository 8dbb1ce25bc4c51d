//! Callers that authenticated not long ago. They are not refused for what strangers do from the same address, such as
//! behind a proxy whose networks are not configured.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::CredentialId;
use domain::bounded::insert_bounded;
use jiff::{SignedDuration, Timestamp};
use store::TokenHash;

use super::token_bucket::{KeyedTokenBuckets, Rate};

const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
const CALLERS_MAX: usize = 10_000;
/// Requests of one known caller while its address is over its limit. Each may be a guess: verifying one costs a query
/// or a hash.
const RATE: Rate = Rate { per_minute: 60, burst: 20 };

/// What a caller authenticated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownCaller {
    Token(TokenHash),
    Credential(CredentialId),
}

pub struct KnownCallers {
    seen: Mutex<HashMap<KnownCaller, Timestamp>>,
    buckets: KeyedTokenBuckets<KnownCaller>,
}

impl Default for KnownCallers {
    fn default() -> Self {
        Self { seen: Mutex::default(), buckets: KeyedTokenBuckets::new(RATE) }
    }
}

impl KnownCallers {
    /// The caller has authenticated.
    pub fn remember(&self, caller: KnownCaller, now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        insert_bounded(&mut seen, CALLERS_MAX, (caller, now), |at| *at);
    }

    /// What it authenticates with is not valid any more.
    pub fn forget(&self, caller: KnownCaller) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&caller);
    }

    /// Whether to examine a request of this caller although its address is over its limit. Counts it.
    pub fn admit(&self, caller: KnownCaller, now: Timestamp) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&caller).copied();
        let is_known = seen.is_some_and(|at| now.duration_since(at) < KNOWN_FOR);
        is_known && self.buckets.consume(caller, now).is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u128) -> KnownCaller {
        KnownCaller::Credential(CredentialId(uuid::Uuid::from_u128(number)))
    }

    #[test]
    fn a_caller_is_known_for_a_day_and_has_a_limit_of_its_own() {
        let now: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        let known = KnownCallers::default();
        assert!(!known.admit(caller(1), now));
        known.remember(caller(1), now);
        known.remember(caller(2), now);
        let admitted = (0..100).filter(|_| known.admit(caller(1), now)).count();
        assert_eq!(admitted, 20);
        assert!(known.admit(caller(2), now));
        known.forget(caller(2));
        assert!(!known.admit(caller(2), now));
        assert!(known.admit(caller(1), now + SignedDuration::from_mins(1)));
        assert!(!known.admit(caller(1), now + KNOWN_FOR));
    }
}
