//! Token bucket. The time is an argument.

use crate::plan::{Bucket, Every};
use http::HeaderMap;
use jiff::Timestamp;

/// The state of a bucket. It starts full, and is refilled when its configuration changes.
#[derive(Debug, Default)]
pub(crate) struct Level {
    bucket: Option<Bucket>,
    tokens: u64,
    second: i64,
}

/// The rate limiter's decision about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Admission {
    pub admitted: bool,
    pub limit: u32,
    pub remaining: u64,
    /// Unix seconds of the next refill.
    pub reset: i64,
    /// Whole seconds until the next refill, at least one.
    pub retry_after_s: i64,
}

impl Level {
    /// Takes a token if available. `None` without a limit.
    pub fn consume(&mut self, bucket: Option<Bucket>, now: Timestamp) -> Option<Admission> {
        let bucket = bucket?;
        let second = now.as_second();
        if self.bucket == Some(bucket) {
            let gained = granted_until(bucket, second) - granted_until(bucket, self.second);
            // A clock that was set back changes nothing.
            let gained = u64::try_from(gained).unwrap_or(0);
            self.tokens = self.tokens.saturating_add(gained).min(u64::from(bucket.burst));
        } else {
            self.bucket = Some(bucket);
            self.tokens = u64::from(bucket.burst);
        }
        self.second = second;
        let admitted = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        let reset = next_refill(bucket, second);
        Some(Admission {
            admitted,
            limit: bucket.burst,
            remaining: self.tokens,
            reset,
            retry_after_s: (reset - second).max(1),
        })
    }
}

impl Admission {
    /// Writes `x-ratelimit-limit`, `-remaining` and `-reset`.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", self.limit.into());
        headers.insert("x-ratelimit-remaining", self.remaining.into());
        headers.insert("x-ratelimit-reset", self.reset.into());
    }
}

/// All tokens granted from the epoch to the start of this second.
fn granted_until(bucket: Bucket, second: i64) -> i64 {
    let refill = i64::from(bucket.refill);
    match bucket.every {
        Every::Second => refill.saturating_mul(second),
        Every::Minute => refill.saturating_mul(second.div_euclid(60)),
        Every::MinuteInSeconds => refill.saturating_mul(second).div_euclid(60),
    }
}

fn next_refill(bucket: Bucket, second: i64) -> i64 {
    let granted = granted_until(bucket, second);
    // A refill of zero never happens: then any value will do.
    (second + 1..=second + 60)
        .find(|later| granted_until(bucket, *later) > granted)
        .unwrap_or(second + 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn admitted(level: &mut Level, bucket: Bucket, second: i64) -> usize {
        (0..1000).take_while(|_| level.consume(Some(bucket), at(second)).unwrap().admitted).count()
    }

    #[test]
    fn the_free_plan_allows_two_calls_a_second() {
        let (mut level, bucket) = (Level::default(), Plan::Free.management_bucket());
        assert_eq!(admitted(&mut level, bucket, 0), 2);
        assert_eq!(admitted(&mut level, bucket, 1), 2);
        assert_eq!(admitted(&mut level, bucket, 60), 2);
    }

    #[test]
    fn a_paid_plan_sustains_150_a_minute_through_a_bucket_of_ten() {
        let (mut level, bucket) = (Level::default(), Plan::Essentials.management_bucket());
        assert_eq!(admitted(&mut level, bucket, 0), 10);
        let minute: usize = (1..=60).map(|second| admitted(&mut level, bucket, second)).sum();
        assert_eq!(minute, 150);
    }

    #[test]
    fn a_minute_bucket_is_refilled_at_the_top_of_the_minute() {
        let bucket = Bucket { burst: 3, refill: 3, every: Every::Minute };
        let mut level = Level::default();
        assert_eq!(admitted(&mut level, bucket, 0), 3);
        let refused = level.consume(Some(bucket), at(1)).unwrap();
        assert_eq!(refused.reset % 60, 0);
        assert_eq!(refused.retry_after_s, refused.reset - at(1).as_second());
        assert_eq!(admitted(&mut level, bucket, refused.reset - 1_700_000_000), 3);
    }

    #[test]
    fn the_decision_has_remaining_tokens_and_reset_time() {
        let mut level = Level::default();
        let first = level.consume(Some(Plan::Free.management_bucket()), at(0)).unwrap();
        assert_eq!(
            first,
            Admission {
                admitted: true,
                limit: 2,
                remaining: 1,
                reset: 1_700_000_001,
                retry_after_s: 1
            }
        );
    }

    #[test]
    fn a_changed_bucket_starts_full_and_no_bucket_is_no_limit() {
        let mut level = Level::default();
        assert_eq!(admitted(&mut level, Plan::Free.management_bucket(), 0), 2);
        assert_eq!(admitted(&mut level, Plan::Enterprise.management_bucket(), 0), 50);
        assert_eq!(level.consume(None, at(0)), None);
    }
}
