//! Until when a token endpoint is closed to us by its own word, a 429 with a time: for everyone, or for one
//! client. What this process knows; the pace of the Management API is another limit and kept elsewhere.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;

use crate::lock;
use crate::token::limited::Whose;

/// Clients of one tenant that are remembered. What is forgotten costs one call more.
const CLIENTS_MAX: usize = 256;

/// A closed endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed {
    pub whose: Whose,
    pub until: Timestamp,
}

/// Of one token endpoint.
#[derive(Debug, Default)]
pub(crate) struct Closures(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    everyone: Option<Closed>,
    clients: HashMap<String, Closed>,
}

impl Closures {
    /// What keeps this client from calling now; the longest of it.
    pub fn closed(&self, client_id: &str, now: Timestamp) -> Option<Closed> {
        let known = lock(&self.0);
        [known.everyone, known.clients.get(client_id).copied()]
            .into_iter()
            .flatten()
            .filter(|closed| closed.until > now)
            .max_by_key(|closed| closed.until)
    }

    /// Forgets what closed it to this client, which just got a token.
    pub fn open(&self, client_id: &str) {
        let mut known = lock(&self.0);
        known.everyone = None;
        known.clients.remove(client_id);
    }

    /// Notes a 429. A word that ends earlier than the one before does not shorten it.
    pub fn close(&self, client_id: &str, closed: Closed, now: Timestamp) {
        let mut known = lock(&self.0);
        let longer = |before: Option<Closed>| before.is_none_or(|b| b.until < closed.until);
        if closed.whose == Whose::Tenant {
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

impl Known {
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

    fn closed(whose: Whose, until: i64) -> Closed {
        Closed { whose, until: at(until) }
    }

    #[test]
    fn a_quota_closes_for_its_client_and_a_limit_for_everyone() {
        let closures = Closures::default();
        closures.close("a", closed(Whose::ClientQuota, 100), at(0));
        assert_eq!(closures.closed("a", at(99)), Some(closed(Whose::ClientQuota, 100)));
        assert_eq!((closures.closed("a", at(100)), closures.closed("b", at(0))), (None, None));
        closures.close("a", closed(Whose::Tenant, 50), at(0));
        assert_eq!(closures.closed("b", at(0)), Some(closed(Whose::Tenant, 50)));
        assert_eq!(closures.closed("a", at(0)), Some(closed(Whose::ClientQuota, 100)));
    }

    #[test]
    fn a_later_word_lengthens_and_never_shortens() {
        for whose in [Whose::Tenant, Whose::Application] {
            let closures = Closures::default();
            for (until, expected) in [(10, 10), (30, 30), (20, 30)] {
                closures.close("a", closed(whose, until), at(0));
                assert_eq!(closures.closed("a", at(9)).unwrap().until, at(expected));
            }
        }
    }

    #[test]
    fn what_is_over_goes_and_there_is_a_most() {
        let closures = Closures::default();
        for client in 0..1_000 {
            closures.close(&client.to_string(), closed(Whose::Application, 1_000 + client), at(0));
        }
        assert_eq!(lock(&closures.0).clients.len(), CLIENTS_MAX);
        assert!(closures.closed("999", at(0)).is_some() && closures.closed("0", at(0)).is_none());
        closures.close("new", closed(Whose::Application, 9_000), at(5_000));
        assert_eq!(lock(&closures.0).clients.len(), 1);
    }
}
