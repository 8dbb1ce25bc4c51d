//! The backoff that a token endpoint asked for by a 429 with a time: until when nobody calls it, or one client
//! does not. What this process knows; the Management API has a rate limit of its own (`pace`).

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::lock;
use crate::token::rate_limited::LimitScope;

/// Clients of one tenant that are remembered. What is forgotten costs one call more.
const CLIENTS_MAX: usize = 256;

/// For whom nobody calls the endpoint, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BackoffWindow {
    pub scope: LimitScope,
    pub until: Timestamp,
}

/// Of one token endpoint.
#[derive(Debug, Default)]
pub(crate) struct BackoffGate(Mutex<KnownBackoffs>);

#[derive(Debug, Default)]
struct KnownBackoffs {
    everyone: Option<BackoffWindow>,
    clients: HashMap<String, BackoffWindow>,
}

impl BackoffGate {
    /// What keeps this client from calling now; the longest of it.
    pub fn closed(&self, client_id: &str, now: Timestamp) -> Option<BackoffWindow> {
        let known = lock(&self.0);
        [known.everyone, known.clients.get(client_id).copied()]
            .into_iter()
            .flatten()
            .filter(|closed| closed.until > now)
            .max_by_key(|closed| closed.until)
    }

    /// Forgets the backoff of this client, which just got a token.
    pub fn clear(&self, client_id: &str) {
        let mut known = lock(&self.0);
        known.everyone = None;
        known.clients.remove(client_id);
    }

    /// Records a 429. One that ends earlier than an earlier one does not shorten it.
    pub fn record(&self, client_id: &str, closed: BackoffWindow, now: Timestamp) {
        let mut known = lock(&self.0);
        let longer = |before: Option<BackoffWindow>| before.is_none_or(|b| b.until < closed.until);
        if closed.scope == LimitScope::Tenant {
            if longer(known.everyone) {
                known.everyone = Some(closed);
            }
            return;
        }
        known.clients.retain(|_, closed| closed.until > now);
        if longer(known.clients.get(client_id).copied()) {
            known.make_room(client_id);
            known.clients.insert(client_id.to_owned(), closed);
        }
    }
}

impl KnownBackoffs {
    /// The one that ends first goes first.
    fn make_room(&mut self, for_client: &str) {
        if self.clients.len() < CLIENTS_MAX || self.clients.contains_key(for_client) {
            return;
        }
        let first = self.clients.iter().min_by_key(|(_, closed)| closed.until);
        if let Some(first) = first.map(|(client, _)| client.clone()) {
            self.clients.remove(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn closed(scope: LimitScope, until: i64) -> BackoffWindow {
        BackoffWindow { scope, until: at(until) }
    }

    #[test]
    fn a_quota_closes_for_its_client_and_a_limit_for_everyone() {
        let gate = BackoffGate::default();
        gate.record("a", closed(LimitScope::ClientQuota, 100), at(0));
        assert_eq!(gate.closed("a", at(99)), Some(closed(LimitScope::ClientQuota, 100)));
        assert_eq!((gate.closed("a", at(100)), gate.closed("b", at(0))), (None, None));
        gate.record("a", closed(LimitScope::Tenant, 50), at(0));
        assert_eq!(gate.closed("b", at(0)), Some(closed(LimitScope::Tenant, 50)));
        assert_eq!(gate.closed("a", at(0)), Some(closed(LimitScope::ClientQuota, 100)));
    }

    #[test]
    fn a_later_word_lengthens_and_never_shortens() {
        for scope in [LimitScope::Tenant, LimitScope::Application] {
            let gate = BackoffGate::default();
            for (until, expected) in [(10, 10), (30, 30), (20, 30)] {
                gate.record("a", closed(scope, until), at(0));
                assert_eq!(gate.closed("a", at(9)).unwrap().until, at(expected));
            }
        }
    }

    #[test]
    fn what_is_over_goes_and_there_is_a_most() {
        let gate = BackoffGate::default();
        for client in 0..1_000 {
            gate.record(
                &client.to_string(),
                closed(LimitScope::Application, 1_000 + client),
                at(0),
            );
        }
        assert_eq!(lock(&gate.0).clients.len(), CLIENTS_MAX);
        assert!(gate.closed("999", at(0)).is_some() && gate.closed("0", at(0)).is_none());
        gate.record("new", closed(LimitScope::Application, 9_000), at(5_000));
        assert_eq!(lock(&gate.0).clients.len(), 1);
    }
}
