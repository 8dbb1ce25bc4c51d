//! Backoffs of a token endpoint after a 429 that states a time, for all clients or for one. Kept in this process; the
//! Management API has its own rate limiter (`rate_limit`).

use std::collections::HashMap;
use std::sync::Mutex;

use domain::bounded::insert_bounded;
use jiff::Timestamp;

use crate::lock;

/// Maximum number of clients of one tenant, of which the one whose backoff ends first is evicted. That costs one more
/// call.
const CLIENTS_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitScope {
    Tenant,
    ClientQuota,
    Application,
}

/// Whose limit was reached, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BackoffWindow {
    pub scope: LimitScope,
    pub until: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct BackoffGate(Mutex<KnownBackoffs>);

#[derive(Debug, Default)]
struct KnownBackoffs {
    everyone: Option<BackoffWindow>,
    clients: HashMap<String, BackoffWindow>,
}

impl BackoffGate {
    /// The longest backoff that applies to this client.
    pub fn active(&self, client_id: &str, now: Timestamp) -> Option<BackoffWindow> {
        let known = lock(&self.0);
        [known.everyone, known.clients.get(client_id).copied()]
            .into_iter()
            .flatten()
            .filter(|window| window.until > now)
            .max_by_key(|window| window.until)
    }

    /// Clears the backoff of this client, which just got a token.
    pub fn clear(&self, client_id: &str) {
        let mut known = lock(&self.0);
        known.everyone = None;
        known.clients.remove(client_id);
    }

    /// Records a 429. Never shortens an earlier backoff.
    pub fn record(&self, client_id: &str, window: BackoffWindow, now: Timestamp) {
        let mut known = lock(&self.0);
        let longer = |before: Option<BackoffWindow>| before.is_none_or(|b| b.until < window.until);
        if window.scope == LimitScope::Tenant {
            if longer(known.everyone) {
                known.everyone = Some(window);
            }
            return;
        }
        known.clients.retain(|_, window| window.until > now);
        if longer(known.clients.get(client_id).copied()) {
            let entry = (client_id.to_owned(), window);
            insert_bounded(&mut known.clients, CLIENTS_MAX, entry, |window| window.until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn window(scope: LimitScope, until: i64) -> BackoffWindow {
        BackoffWindow { scope, until: at(until) }
    }

    #[test]
    fn a_quota_backs_off_its_client_and_a_tenant_limit_everyone() {
        let gate = BackoffGate::default();
        gate.record("a", window(LimitScope::ClientQuota, 100), at(0));
        assert_eq!(gate.active("a", at(99)), Some(window(LimitScope::ClientQuota, 100)));
        assert_eq!((gate.active("a", at(100)), gate.active("b", at(0))), (None, None));
        gate.record("a", window(LimitScope::Tenant, 50), at(0));
        assert_eq!(gate.active("b", at(0)), Some(window(LimitScope::Tenant, 50)));
        assert_eq!(gate.active("a", at(0)), Some(window(LimitScope::ClientQuota, 100)));
    }

    #[test]
    fn a_later_429_lengthens_and_never_shortens() {
        for scope in [LimitScope::Tenant, LimitScope::Application] {
            let gate = BackoffGate::default();
            for (until, expected) in [(10, 10), (30, 30), (20, 30)] {
                gate.record("a", window(scope, until), at(0));
                assert_eq!(gate.active("a", at(9)).unwrap().until, at(expected));
            }
        }
    }

    #[test]
    fn expired_backoffs_are_evicted_and_the_number_is_bounded() {
        let gate = BackoffGate::default();
        for client in 0..1_000 {
            gate.record(
                &client.to_string(),
                window(LimitScope::Application, 1_000 + client),
                at(0),
            );
        }
        assert_eq!(lock(&gate.0).clients.len(), CLIENTS_MAX);
        assert!(gate.active("999", at(0)).is_some() && gate.active("0", at(0)).is_none());
        gate.record("new", window(LimitScope::Application, 9_000), at(5_000));
        assert_eq!(lock(&gate.0).clients.len(), 1);
    }
}
