//! Callers that authenticated not long ago. They are not refused for what strangers do from the same address, such as
//! behind a proxy whose networks are not configured. A caller is known by a hash of its whole token or secret, so that
//! guesses for a known credential count as any stranger's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::OrganisationId;
use jiff::{SignedDuration, Timestamp};
use store::TokenHash;

use super::token_bucket::{KeyedTokenBuckets, Rate};

const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
const CALLERS_MAX: usize = 10_000;
/// Callers of one organisation; a further one replaces the one that was seen longest ago.
const CALLERS_EACH: usize = 200;
/// Requests of one known caller while its address is over its limit.
const RATE: Rate = Rate { per_minute: 60, burst: 20 };

pub struct KnownCallers {
    seen: Mutex<Seen>,
    buckets: KeyedTokenBuckets<TokenHash>,
}

#[derive(Default)]
struct Seen {
    callers: HashMap<TokenHash, (OrganisationId, Timestamp)>,
    of_organisations: HashMap<OrganisationId, usize>,
}

impl Default for KnownCallers {
    fn default() -> Self {
        Self { seen: Mutex::default(), buckets: KeyedTokenBuckets::new(RATE) }
    }
}

impl KnownCallers {
    /// The caller has authenticated with this token, or this id and secret.
    pub fn remember(&self, caller: TokenHash, organisation: &OrganisationId, now: Timestamp) {
        self.with(|seen| seen.insert(caller, organisation, now));
    }

    /// What it authenticates with is not valid any more.
    pub fn forget(&self, caller: TokenHash) {
        self.with(|seen| seen.remove(&caller));
    }

    /// Whether the caller authenticated not long ago. Counts nothing.
    pub fn is_known(&self, caller: TokenHash, now: Timestamp) -> bool {
        let at = self.with(|seen| seen.callers.get(&caller).map(|(_, at)| *at));
        at.is_some_and(|at| now.duration_since(at) < KNOWN_FOR)
    }

    /// Whether to examine a request of this caller although its address is over its limit. Counts it.
    pub fn admit(&self, caller: TokenHash, now: Timestamp) -> bool {
        self.is_known(caller, now) && self.buckets.consume(caller, now).is_admitted
    }

    fn with<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Seen {
    fn insert(&mut self, caller: TokenHash, organisation: &OrganisationId, now: Timestamp) {
        if !self.callers.contains_key(&caller) {
            let own = self.of_organisations.get(organisation).copied().unwrap_or(0);
            if own >= CALLERS_EACH {
                self.remove_oldest_of(organisation);
            } else if self.callers.len() >= CALLERS_MAX {
                // One of whoever has most: no organisation loses its callers to a single other one.
                let most = self.of_organisations.iter().max_by_key(|(_, count)| **count);
                if let Some(most) = most.map(|(most, _)| most.clone()) {
                    self.remove_oldest_of(&most);
                }
            }
            *self.of_organisations.entry(organisation.clone()).or_default() += 1;
        }
        self.callers.insert(caller, (organisation.clone(), now));
    }

    fn remove_oldest_of(&mut self, organisation: &OrganisationId) {
        let own = self.callers.iter().filter(|(_, (of, _))| of == organisation);
        let oldest = own.min_by_key(|(_, (_, at))| *at).map(|(caller, _)| *caller);
        if let Some(oldest) = oldest {
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, caller: &TokenHash) {
        let Some((organisation, _)) = self.callers.remove(caller) else { return };
        if let Some(count) = self.of_organisations.get_mut(&organisation) {
            *count -= 1;
            if *count == 0 {
                self.of_organisations.remove(&organisation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::new_token;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn org(name: &str) -> OrganisationId {
        OrganisationId::parse(name).unwrap()
    }

    fn caller() -> TokenHash {
        new_token().1
    }

    #[test]
    fn a_caller_is_known_for_a_day_and_has_a_limit_of_its_own() {
        let (known, first, second) = (KnownCallers::default(), caller(), caller());
        assert!(!known.admit(first, now()));
        known.remember(first, &org("acme"), now());
        known.remember(second, &org("acme"), now());
        let admitted = (0..100).filter(|_| known.admit(first, now())).count();
        assert_eq!(admitted, 20);
        assert!(known.admit(second, now()));
        known.forget(second);
        assert!(!known.admit(second, now()));
        assert!(known.admit(first, now() + SignedDuration::from_mins(1)));
        assert!(!known.admit(first, now() + KNOWN_FOR));
    }

    #[test]
    fn an_organisation_with_many_callers_evicts_only_its_own() {
        let (known, others) = (KnownCallers::default(), caller());
        known.remember(others, &org("acme"), now());
        let first = caller();
        known.remember(first, &org("evil"), now());
        let later = now() + SignedDuration::from_secs(1);
        for _ in 0..CALLERS_EACH {
            known.remember(caller(), &org("evil"), later);
        }
        assert!(!known.is_known(first, later), "its own oldest is gone");
        assert!(known.is_known(others, later));
        known.with(|seen| assert_eq!(seen.callers.len(), 1 + CALLERS_EACH));
    }

    #[test]
    fn many_organisations_evict_callers_of_the_one_that_has_most() {
        let (known, large, single) = (KnownCallers::default(), caller(), caller());
        let later = now() + SignedDuration::from_secs(1);
        known.remember(large, &org("large"), now());
        known.remember(caller(), &org("large"), later);
        known.remember(single, &org("single"), now());
        for n in 3..=CALLERS_MAX {
            known.remember(caller(), &org(&format!("org-{n}")), later);
        }
        assert!(known.is_known(single, later) && !known.is_known(large, later));
        known.with(|seen| {
            assert_eq!(seen.callers.len(), CALLERS_MAX);
            assert_eq!(seen.of_organisations.values().sum::<usize>(), CALLERS_MAX);
        });
    }
}
