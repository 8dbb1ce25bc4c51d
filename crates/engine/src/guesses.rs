//! Wrong secrets, counted for each credential id that was named, whether or not it exists: after a
//! few the id is not looked at for a while. In memory and bounded, so each replica counts its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::CredentialId;
use jiff::{SignedDuration, Timestamp};

/// Wrong secrets that an id may be named with before it is blocked.
pub const GUESSES_MAX: u32 = 10;
/// Counted from the first wrong one; then the id starts anew.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Ids that are remembered; of more, the ones whose time ends first are forgotten.
const IDS_MAX: usize = 10_000;

/// Who guessed how often.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<HashMap<CredentialId, Guessed>>);

#[derive(Debug, Clone, Copy)]
struct Guessed {
    times: u32,
    until: Timestamp,
}

impl Guesses {
    /// For how many seconds this id is blocked; none when it is not.
    pub fn blocked(&self, id: CredentialId, now: Timestamp) -> Option<u32> {
        self.with(|all| {
            let guessed = all.get(&id).filter(|each| now < each.until)?;
            let left_s = guessed.until.duration_since(now).as_secs().max(0);
            let left_s = u32::try_from(left_s).unwrap_or(u32::MAX);
            (guessed.times >= GUESSES_MAX).then_some(left_s.saturating_add(1))
        })
    }

    /// A wrong secret was sent with this id.
    pub fn note(&self, id: CredentialId, now: Timestamp) {
        let until = now.checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        self.with(|all| {
            if let Some(guessed) = all.get_mut(&id).filter(|each| now < each.until) {
                guessed.times = guessed.times.saturating_add(1);
                return;
            }
            if all.len() >= IDS_MAX {
                make_room(all, now);
            }
            all.insert(id, Guessed { times: 1, until });
        });
    }

    /// The right secret was sent.
    pub fn forget(&self, id: CredentialId) {
        self.with(|all| all.remove(&id));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<CredentialId, Guessed>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Those whose time is over go, then half of the rest: seldom, so that it costs little each time.
fn make_room(all: &mut HashMap<CredentialId, Guessed>, now: Timestamp) {
    all.retain(|_, guessed| now < guessed.until);
    if all.len() < IDS_MAX {
        return;
    }
    let mut ends: Vec<Timestamp> = all.values().map(|guessed| guessed.until).collect();
    ends.sort_unstable();
    let middle = ends[ends.len() / 2];
    // Those that are blocked stay, unless they alone are too many.
    all.retain(|_, guessed| guessed.times >= GUESSES_MAX || guessed.until > middle);
    if all.len() >= IDS_MAX {
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

    fn id(n: usize) -> CredentialId {
        CredentialId(Uuid::from_u128(n as u128))
    }

    #[test]
    fn an_id_is_blocked_after_ten_until_the_window_ends() {
        let guesses = Guesses::default();
        for _ in 0..GUESSES_MAX {
            assert_eq!(guesses.blocked(id(1), now()), None);
            guesses.note(id(1), now());
        }
        assert_eq!(guesses.blocked(id(1), now()), Some(901));
        assert_eq!(guesses.blocked(id(2), now()), None);
        let end = now() + WINDOW;
        assert_eq!(guesses.blocked(id(1), end), None);
        guesses.note(id(1), end);
        assert_eq!(guesses.blocked(id(1), end), None, "it counts anew");
    }

    #[test]
    fn the_right_secret_clears_the_count() {
        let guesses = Guesses::default();
        for _ in 1..GUESSES_MAX {
            guesses.note(id(1), now());
        }
        guesses.forget(id(1));
        guesses.note(id(1), now());
        assert_eq!(guesses.blocked(id(1), now()), None);
    }

    #[test]
    fn memory_is_bounded_and_what_is_blocked_stays_so() {
        let guesses = Guesses::default();
        for _ in 0..GUESSES_MAX {
            guesses.note(id(0), now());
        }
        for n in 1..3 * IDS_MAX {
            guesses.note(id(n), now());
            assert!(guesses.0.lock().unwrap().len() <= IDS_MAX);
        }
        assert!(guesses.blocked(id(0), now()).is_some());
    }
}
