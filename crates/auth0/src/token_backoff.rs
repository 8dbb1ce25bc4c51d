//! Backoffs of a token endpoint after a 429 that states a time, for all clients or for one. Kept in this process; the
//! Management API has its own rate limiter (`rate_limit`).

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use domain::bounded::insert_bounded;
use jiff::Timestamp;

use crate::lock;
use crate::time::saturating_add;

/// Maximum number of clients of one tenant, of which the one whose backoff ends first is evicted. That costs one more
/// call.
const CLIENTS_MAX: usize = 256;
/// How long a limit of the whole tenant holds for other credentials than those that met it: they may belong to another
/// organisation, whose word is not to be relied on for long.
const OTHERS_MAX: Duration = Duration::from_mins(5);

/// The fingerprint of the credentials that met a limit.
pub(crate) type ClientKey = [u8; 32];

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
    clients: HashMap<ClientKey, BackoffWindow>,
}

impl BackoffGate {
    /// The longest backoff that applies to these credentials.
    pub fn active(&self, client: &ClientKey, now: Timestamp) -> Option<BackoffWindow> {
        let known = lock(&self.0);
        [known.everyone, known.clients.get(client).copied()]
            .into_iter()
            .flatten()
            .filter(|window| window.until > now)
            .max_by_key(|window| window.until)
    }

    /// Clears the backoff of these credentials, which just got a token.
    pub fn clear(&self, client: &ClientKey) {
        let mut known = lock(&self.0);
        known.everyone = None;
        known.clients.remove(client);
    }

    /// Records a 429. Never shortens an earlier backoff.
    pub fn record(&self, client: ClientKey, window: BackoffWindow, now: Timestamp) {
        let mut known = lock(&self.0);
        if window.scope == LimitScope::Tenant {
            let until = window.until.min(saturating_add(now, OTHERS_MAX));
            if is_longer(known.everyone, until) {
                known.everyone = Some(BackoffWindow { until, ..window });
            }
        }
        known.clients.retain(|_, window| window.until > now);
        if is_longer(known.clients.get(&client).copied(), window.until) {
            insert_bounded(&mut known.clients, CLIENTS_MAX, (client, window), |w| w.until);
        }
    }
}

fn is_longer(before: Option<BackoffWindow>, until: Timestamp) -> bool {
    before.is_none_or(|before| before.until < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn client(number: u16) -> ClientKey {
        let mut fingerprint = [0; 32];
        fingerprint[..2].copy_from_slice(&number.to_be_bytes());
        fingerprint
    }

    fn window(scope: LimitScope, until: i64) -> BackoffWindow {
        BackoffWindow { scope, until: at(until) }
    }

    #[test]
    fn a_quota_backs_off_its_client_and_a_tenant_limit_everyone() {
        let gate = BackoffGate::default();
        let (a, b) = (client(1), client(2));
        gate.record(a, window(LimitScope::ClientQuota, 100), at(0));
        assert_eq!(gate.active(&a, at(99)), Some(window(LimitScope::ClientQuota, 100)));
        assert_eq!((gate.active(&a, at(100)), gate.active(&b, at(0))), (None, None));
        gate.record(a, window(LimitScope::Tenant, 50), at(0));
        assert_eq!(gate.active(&b, at(0)), Some(window(LimitScope::Tenant, 50)));
        assert_eq!(gate.active(&a, at(0)), Some(window(LimitScope::ClientQuota, 100)));
    }

    #[test]
    fn a_tenant_limit_holds_for_other_credentials_for_minutes_only() {
        let gate = BackoffGate::default();
        gate.record(client(1), window(LimitScope::Tenant, 86_400), at(0));
        assert_eq!(gate.active(&client(1), at(86_399)).unwrap().until, at(86_400));
        assert_eq!(gate.active(&client(2), at(299)).unwrap().until, at(300));
        assert_eq!(gate.active(&client(2), at(300)), None);
    }

    #[test]
    fn a_later_429_lengthens_and_never_shortens() {
        for scope in [LimitScope::Tenant, LimitScope::Application] {
            let gate = BackoffGate::default();
            for (until, expected) in [(10, 10), (30, 30), (20, 30)] {
                gate.record(client(1), window(scope, until), at(0));
                assert_eq!(gate.active(&client(1), at(9)).unwrap().until, at(expected));
            }
        }
    }

    #[test]
    fn expired_backoffs_are_evicted_and_the_number_is_bounded() {
        let gate = BackoffGate::default();
        for number in 0..1_000 {
            let window = window(LimitScope::Application, 1_000 + i64::from(number));
            gate.record(client(number), window, at(0));
        }
        assert_eq!(lock(&gate.0).clients.len(), CLIENTS_MAX);
        assert!(
            gate.active(&client(999), at(0)).is_some() && gate.active(&client(0), at(0)).is_none()
        );
        gate.record(client(1_000), window(LimitScope::Application, 9_000), at(5_000));
        assert_eq!(lock(&gate.0).clients.len(), 1);
    }
}
