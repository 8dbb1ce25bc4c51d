//! Keyed token buckets. A bucket is one number (the time at which it is full again), the number of keys is bounded, and
//! each process counts on its own. Not here: what is counted (`rate_limit.rs`).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

const MINUTE_US: i64 = 60_000_000;
const SECOND_US: i64 = 1_000_000;
/// Keys of one rate limit at most. The fullest buckets are evicted first.
const KEYS_MAX: usize = 10_000;

/// Refill rate and capacity of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per minute in the long run.
    pub per_minute: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

impl Rate {
    /// Time between two requests.
    fn interval_us(self) -> i64 {
        (MINUTE_US / i64::from(self.per_minute.max(1))).max(1)
    }

    fn capacity_us(self) -> i64 {
        self.interval_us() * i64::from(self.burst.max(1))
    }
}

/// The state of a bucket after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketState {
    /// Requests left.
    pub remaining: i64,
    /// Seconds until the bucket is full; if it is empty, until the next request.
    pub reset_s: u32,
    /// Whether this request is admitted.
    pub is_admitted: bool,
}

/// The buckets of one rate limit.
pub struct KeyedTokenBuckets<K> {
    rate: Rate,
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq + Clone> KeyedTokenBuckets<K> {
    /// Full buckets with this rate.
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: Mutex::new(HashMap::new()) }
    }

    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one token if there is one.
    pub fn consume(&self, key: K, now: Timestamp) -> BucketState {
        let now = now.as_microsecond();
        let (interval, whole) = (self.rate.interval_us(), self.rate.capacity_us());
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(&key).copied().unwrap_or(now);
        // After the clock is set back, no key waits longer than for an empty bucket.
        let wanted = known.clamp(now, now + whole) + interval;
        if wanted - now > whole {
            return BucketState {
                remaining: 0,
                reset_s: seconds(wanted - now - whole),
                is_admitted: false,
            };
        }
        if all.len() >= KEYS_MAX && !all.contains_key(&key) {
            make_room(&mut all, now);
        }
        all.insert(key, wanted);
        BucketState {
            remaining: (whole - (wanted - now)) / interval,
            reset_s: seconds(wanted - now),
            is_admitted: true,
        }
    }

    /// The state after one more request. Takes no token.
    pub fn peek(&self, key: &K, now: Timestamp) -> BucketState {
        let now = now.as_microsecond();
        let (interval, whole) = (self.rate.interval_us(), self.rate.capacity_us());
        let all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = all.get(key).copied().unwrap_or(now).clamp(now, now + whole) + interval;
        let over = wanted - now - whole;
        BucketState {
            remaining: (-over).max(0) / interval,
            reset_s: seconds(if over > 0 { over } else { wanted - now }),
            is_admitted: over <= 0,
        }
    }

    /// Returns one token.
    pub fn refund(&self, key: &K) {
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = all.get_mut(key) {
            *full_at -= self.rate.interval_us();
        }
    }
}

fn make_room<K: Hash + Eq + Clone>(all: &mut HashMap<K, i64>, now: i64) {
    all.retain(|_, full_at| *full_at > now);
    if all.len() < KEYS_MAX {
        return;
    }
    // A quarter at once, so that a flood of new keys rarely pays for eviction.
    let mut times: Vec<i64> = all.values().copied().collect();
    let (_, &mut limit, _) = times.select_nth_unstable(KEYS_MAX / 4);
    let mut left = KEYS_MAX / 4;
    all.retain(|_, full_at| {
        let goes = *full_at <= limit && left > 0;
        left -= usize::from(goes);
        !goes
    });
}

/// Rounded up, at least one.
fn seconds(us: i64) -> u32 {
    u32::try_from((us + SECOND_US - 1) / SECOND_US).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn start() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn buckets(per_minute: u32, burst: u32) -> KeyedTokenBuckets<u32> {
        KeyedTokenBuckets::new(Rate { per_minute, burst })
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let buckets = buckets(60, 3);
        let at = |ms: i64| start() + SignedDuration::from_millis(ms);
        for left in [2, 1, 0] {
            let standing = buckets.consume(1, at(0));
            assert!(standing.is_admitted);
            assert_eq!(standing.remaining, left);
        }
        let refused = buckets.consume(1, at(0));
        assert_eq!((refused.is_admitted, refused.reset_s), (false, 1));
        assert!(!buckets.consume(1, at(999)).is_admitted);
        assert!(buckets.consume(1, at(1000)).is_admitted);
        assert!(!buckets.consume(1, at(1000)).is_admitted);
        assert!(buckets.consume(2, at(1000)).is_admitted, "another key has a bucket of its own");
        assert_eq!(buckets.consume(1, at(60_000)).remaining, 2, "it is never fuller than full");
    }

    #[test]
    fn a_slow_rate_says_how_long_to_wait() {
        let buckets = buckets(10, 1);
        assert_eq!(buckets.consume(1, start()).reset_s, 6);
        assert_eq!(buckets.consume(1, start()).reset_s, 6);
        assert_eq!(buckets.consume(1, start() + SignedDuration::from_millis(3500)).reset_s, 3);
    }

    #[test]
    fn peeking_takes_nothing_and_a_refund_can_be_taken_again() {
        let buckets = buckets(60, 1);
        assert!(buckets.peek(&1, start()).is_admitted && buckets.peek(&1, start()).is_admitted);
        assert!(buckets.consume(1, start()).is_admitted);
        let looked = buckets.peek(&1, start());
        assert_eq!((looked.is_admitted, looked.remaining, looked.reset_s), (false, 0, 1));
        assert_eq!(looked, buckets.consume(1, start()));
        buckets.refund(&1);
        buckets.refund(&2);
        assert!(buckets.consume(1, start()).is_admitted);
        assert!(!buckets.consume(1, start()).is_admitted);
    }

    #[test]
    fn a_clock_that_was_set_back_blocks_no_caller() {
        let buckets = buckets(60, 1);
        assert!(buckets.consume(1, start() + SignedDuration::from_hours(24)).is_admitted);
        assert_eq!(buckets.consume(1, start()).reset_s, 1);
    }

    #[test]
    fn memory_is_bounded_and_blocked_keys_are_kept() {
        let buckets = KeyedTokenBuckets::new(Rate { per_minute: 60, burst: 10 });
        for _ in 0..10 {
            buckets.consume(u32::MAX, start());
        }
        for key in 0..50_000 {
            assert!(buckets.consume(key, start()).is_admitted);
        }
        assert!(buckets.full_at.lock().unwrap().len() <= KEYS_MAX);
        assert!(!buckets.consume(u32::MAX, start()).is_admitted, "a flood frees nobody");
    }
}
