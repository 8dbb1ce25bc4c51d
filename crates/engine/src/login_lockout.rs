//! Login lockout: failed logins, counted for each credential id (whether or not it exists) and client network. After
//! too many the pair is locked for a while. In memory and bounded; each replica counts its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::CredentialId;
use domain::bounded::insert_bounded;
use jiff::{SignedDuration, Timestamp};

/// The credential id and the client network, if known.
pub type LoginKey = (CredentialId, Option<IpAddr>);

/// Failures before the lock-out.
pub const FAILURES_MAX: u32 = 10;
/// How long failures count, from the first one.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Keys in memory. The one whose window ends first is evicted, locked keys last.
const ENTRIES_MAX: usize = 10_000;

/// The failures of each key.
#[derive(Debug, Default)]
pub struct FailedLogins(Mutex<HashMap<LoginKey, Failures>>);

#[derive(Debug, Clone, Copy)]
struct Failures {
    times: u32,
    until: Timestamp,
}

impl FailedLogins {
    /// For how many more seconds the key is locked; none when it is not.
    pub fn locked_for(&self, key: LoginKey, now: Timestamp) -> Option<u32> {
        self.with(|all| {
            let failures = all.get(&key).filter(|each| now < each.until)?;
            let left_s = failures.until.duration_since(now).as_secs().max(0);
            let left_s = u32::try_from(left_s).unwrap_or(u32::MAX);
            (failures.times >= FAILURES_MAX).then_some(left_s.saturating_add(1))
        })
    }

    /// Counts a failure.
    pub fn record_failure(&self, key: LoginKey, now: Timestamp) {
        let until = now.checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        self.with(|all| {
            if let Some(failures) = all.get_mut(&key).filter(|each| now < each.until) {
                failures.times = failures.times.saturating_add(1);
                return;
            }
            let entry = (key, Failures { times: 1, until });
            insert_bounded(all, ENTRIES_MAX, entry, |failures| {
                (failures.times >= FAILURES_MAX && now < failures.until, failures.until)
            });
        });
    }

    /// Forgets the failures, after a successful login.
    pub fn reset(&self, key: LoginKey) {
        self.with(|all| all.remove(&key));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<LoginKey, Failures>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn key(n: usize) -> LoginKey {
        (CredentialId(Uuid::from_u128(n as u128)), None)
    }

    #[test]
    fn a_key_is_locked_after_ten_failures_until_the_window_ends() {
        let logins = FailedLogins::default();
        for _ in 0..FAILURES_MAX {
            assert_eq!(logins.locked_for(key(1), now()), None);
            logins.record_failure(key(1), now());
        }
        assert_eq!(logins.locked_for(key(1), now()), Some(901));
        assert_eq!(logins.locked_for(key(2), now()), None);
        let end = now() + WINDOW;
        assert_eq!(logins.locked_for(key(1), end), None);
        logins.record_failure(key(1), end);
        assert_eq!(logins.locked_for(key(1), end), None, "counted anew");
    }

    #[test]
    fn failures_from_one_network_lock_no_other() {
        let logins = FailedLogins::default();
        let from = |address: &str| (key(1).0, Some(address.parse().unwrap()));
        for _ in 0..FAILURES_MAX {
            logins.record_failure(from("192.0.2.1"), now());
        }
        assert!(logins.locked_for(from("192.0.2.1"), now()).is_some());
        assert_eq!(logins.locked_for(from("192.0.2.2"), now()), None);
        assert_eq!(logins.locked_for(key(1), now()), None);
    }

    #[test]
    fn the_right_secret_clears_the_count() {
        let logins = FailedLogins::default();
        for _ in 1..FAILURES_MAX {
            logins.record_failure(key(1), now());
        }
        logins.reset(key(1));
        logins.record_failure(key(1), now());
        assert_eq!(logins.locked_for(key(1), now()), None);
    }

    #[test]
    fn memory_is_bounded_and_locked_keys_stay() {
        let logins = FailedLogins::default();
        for _ in 0..FAILURES_MAX {
            logins.record_failure(key(0), now());
        }
        for n in 1..ENTRIES_MAX + 100 {
            logins.record_failure(key(n), now());
            assert!(logins.0.lock().unwrap().len() <= ENTRIES_MAX, "{n}");
        }
        assert!(logins.locked_for(key(0), now()).is_some());
    }
}
