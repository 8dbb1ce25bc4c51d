//! Wrong secrets, counted for each credential id that was named, whether or not it exists, and place that
//! named it: after a few it is not looked at for a while. In memory and bounded: each replica counts its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::CredentialId;
use jiff::{SignedDuration, Timestamp};

/// Which id was named, and from where, as far as it is known.
pub type LoginKey = (CredentialId, Option<IpAddr>);

/// Wrong secrets that an id may be named with from one place before that is blocked.
pub const GUESSES_MAX: u32 = 10;
/// Counted from the first wrong one; then it starts anew.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Guesses that are remembered; of more, the ones whose time ends first are forgotten.
const ENTRIES_MAX: usize = 10_000;

/// Who guessed how often.
#[derive(Debug, Default)]
pub struct FailedLogins(Mutex<HashMap<LoginKey, Guessed>>);

#[derive(Debug, Clone, Copy)]
struct Guessed {
    times: u32,
    until: Timestamp,
}

impl FailedLogins {
    /// For how many seconds this id is blocked there; none when it is not.
    pub fn locked_for(&self, guess: LoginKey, now: Timestamp) -> Option<u32> {
        self.with(|all| {
            let guessed = all.get(&guess).filter(|each| now < each.until)?;
            let left_s = guessed.until.duration_since(now).as_secs().max(0);
            let left_s = u32::try_from(left_s).unwrap_or(u32::MAX);
            (guessed.times >= GUESSES_MAX).then_some(left_s.saturating_add(1))
        })
    }

    /// A wrong secret was sent with this id from there.
    pub fn record_failure(&self, guess: LoginKey, now: Timestamp) {
        let until = now.checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        self.with(|all| {
            if let Some(guessed) = all.get_mut(&guess).filter(|each| now < each.until) {
                guessed.times = guessed.times.saturating_add(1);
                return;
            }
            if all.len() >= ENTRIES_MAX {
                make_room(all, now);
            }
            all.insert(guess, Guessed { times: 1, until });
        });
    }

    /// The right secret was sent.
    pub fn reset(&self, guess: LoginKey) {
        self.with(|all| all.remove(&guess));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<LoginKey, Guessed>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What counts as one place: who has one IPv6 address has 2^64 of them.
pub fn client_network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// Those whose time is over go, then half of the rest: seldom, so that it costs little each time.
fn make_room(all: &mut HashMap<LoginKey, Guessed>, now: Timestamp) {
    all.retain(|_, guessed| now < guessed.until);
    if all.len() < ENTRIES_MAX {
        return;
    }
    let mut ends: Vec<Timestamp> = all.values().map(|guessed| guessed.until).collect();
    ends.sort_unstable();
    let middle = ends[ends.len() / 2];
    // Those that are blocked stay, unless they alone are too many.
    all.retain(|_, guessed| guessed.times >= GUESSES_MAX || guessed.until > middle);
    if all.len() >= ENTRIES_MAX {
        all.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn id(n: usize) -> LoginKey {
        (CredentialId(Uuid::from_u128(n as u128)), None)
    }

    #[test]
    fn an_id_is_blocked_after_ten_until_the_window_ends() {
        let guesses = FailedLogins::default();
        for _ in 0..GUESSES_MAX {
            assert_eq!(guesses.locked_for(id(1), now()), None);
            guesses.record_failure(id(1), now());
        }
        assert_eq!(guesses.locked_for(id(1), now()), Some(901));
        assert_eq!(guesses.locked_for(id(2), now()), None);
        let end = now() + WINDOW;
        assert_eq!(guesses.locked_for(id(1), end), None);
        guesses.record_failure(id(1), end);
        assert_eq!(guesses.locked_for(id(1), end), None, "it counts anew");
    }

    #[test]
    fn failed_logins_from_another_address_do_not_block() {
        let guesses = FailedLogins::default();
        let from = |address: &str| (id(1).0, Some(client_network(address.parse().unwrap())));
        for n in 0..GUESSES_MAX {
            guesses.record_failure(from(&format!("2001:db8:1:2::{n}")), now());
        }
        assert!(guesses.locked_for(from("2001:db8:1:2:ffff::1"), now()).is_some(), "one /64");
        for other in ["2001:db8:1:3::1", "192.0.2.1"] {
            assert_eq!(guesses.locked_for(from(other), now()), None);
        }
        assert_eq!(guesses.locked_for(id(1), now()), None);
    }

    #[test]
    fn the_right_secret_clears_the_count() {
        let guesses = FailedLogins::default();
        for _ in 1..GUESSES_MAX {
            guesses.record_failure(id(1), now());
        }
        guesses.reset(id(1));
        guesses.record_failure(id(1), now());
        assert_eq!(guesses.locked_for(id(1), now()), None);
    }

    #[test]
    fn memory_is_bounded_and_blocked_logins_stay_blocked() {
        let guesses = FailedLogins::default();
        for _ in 0..GUESSES_MAX {
            guesses.record_failure(id(0), now());
        }
        for n in 1..3 * ENTRIES_MAX {
            guesses.record_failure(id(n), now());
            assert!(guesses.0.lock().unwrap().len() <= ENTRIES_MAX);
        }
        assert!(guesses.locked_for(id(0), now()).is_some());
    }
}
