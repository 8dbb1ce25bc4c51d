//! The rate limiter against a simulated bucket on a manual clock.

use super::*;
use domain::clock::ManualClock;
use futures_util::future::join_all;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

const START_S: i64 = 1_793_700_000;

struct Most;
impl Jitter for Most {
    fn up_to(&self, ceiling: Duration) -> Duration {
        ceiling
    }
}

/// A token bucket refilled at the top of each second, as Auth0's.
struct Bucket {
    burst: u32,
    refill: u32,
    level: Mutex<(u32, i64)>,
    states_limits: bool,
    is_behind_s: i64,
    refused: AtomicU32,
    together: AtomicU32,
    most_together: AtomicU32,
}

impl Bucket {
    fn new(burst: u32, refill: u32) -> Self {
        Self {
            burst,
            refill,
            level: Mutex::new((burst, START_S)),
            states_limits: true,
            is_behind_s: 0,
            refused: AtomicU32::new(0),
            together: AtomicU32::new(0),
            most_together: AtomicU32::new(0),
        }
    }

    /// None for a 429.
    fn respond(&self, now: Timestamp) -> (bool, RateLimitHeaders) {
        let mut level = lock(&self.level);
        let passed = u32::try_from(now.as_second() - level.1).unwrap_or(0);
        let gained = passed.saturating_mul(self.refill);
        *level = (level.0.saturating_add(gained).min(self.burst), now.as_second());
        let admitted = level.0 > 0;
        level.0 = level.0.saturating_sub(1);
        if !self.states_limits {
            return (admitted, RateLimitHeaders::default());
        }
        let stated = now.as_second() + 1 - self.is_behind_s;
        let refill_at = Timestamp::from_second(stated).unwrap();
        let headers = RateLimitHeaders {
            limit: Some(self.burst),
            remaining: Some(level.0),
            window: Some(stated),
            reset_at: Some(refill_at),
            retry_after: (!admitted && self.is_behind_s == 0).then_some(refill_at),
        };
        (admitted, headers)
    }

    async fn call(&self, permit: CallPermit, clock: &ManualClock) -> bool {
        let together = self.together.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_together.fetch_max(together, Ordering::SeqCst);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let (admitted, headers) = self.respond(clock.now());
        self.together.fetch_sub(1, Ordering::SeqCst);
        if admitted {
            permit.record_response(&headers, false);
        } else {
            self.refused.fetch_add(1, Ordering::SeqCst);
            permit.limited(&headers);
        }
        admitted
    }
}

/// Seconds after the start.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START_S + seconds).unwrap()
}

fn retry_after(then: Timestamp) -> RateLimitHeaders {
    RateLimitHeaders { retry_after: Some(then), ..RateLimitHeaders::default() }
}

struct World {
    clock: ManualClock,
    rate_limiter: Arc<TenantRateLimiter>,
}

fn world() -> World {
    let clock = ManualClock::new(at(0));
    let limits = crate::Limits::default();
    let sizes = Sizes {
        wave_max: limits.wave_max,
        wave_without_limits: limits.wave_without_limits,
        longest_wait: limits.longest_wait,
    };
    let (time, sleeper) = (Arc::new(clock.clone()), Arc::new(clock.clone()));
    let rate_limiter = Arc::new(TenantRateLimiter::new(sizes, time, sleeper, Arc::new(Most)));
    World { clock, rate_limiter }
}

impl World {
    async fn permit(&self) -> CallPermit {
        self.rate_limiter.acquire(Timestamp::MAX).await.ok().unwrap()
    }

    /// `calls` readings, each repeated until it is admitted; how many ran out of time.
    async fn read(&self, bucket: &Bucket, calls: u32, deadline_s: i64) -> usize {
        let deadline = at(deadline_s);
        let reading = || async {
            loop {
                let Ok(permit) = self.rate_limiter.acquire(deadline).await else { return false };
                if bucket.call(permit, &self.clock).await {
                    return true;
                }
            }
        };
        let read = join_all((0..calls).map(|_| reading())).await;
        read.iter().filter(|was_read| !**was_read).count()
    }

    fn passed(&self) -> Duration {
        time_until(at(0), self.clock.now())
    }
}

#[tokio::test]
async fn a_bucket_of_two_is_read_at_its_own_pace_without_a_429() {
    let (world, bucket) = (world(), Bucket::new(2, 2));
    assert_eq!(world.read(&bucket, 13, 60).await, 0);
    assert_eq!(bucket.refused.load(Ordering::SeqCst), 0);
    assert_eq!(world.passed().as_secs(), 6);
}

#[tokio::test]
async fn a_bucket_of_fifty_is_one_probe_and_one_wave() {
    let (world, bucket) = (world(), Bucket::new(50, 16));
    assert_eq!(world.read(&bucket, 13, 60).await, 0);
    assert_eq!(bucket.refused.load(Ordering::SeqCst), 0);
    assert_eq!(world.passed(), Duration::ZERO);
    assert_eq!(bucket.most_together.load(Ordering::SeqCst), 12);
    // Remembered: the next session on this tenant needs no probe.
    bucket.most_together.store(0, Ordering::SeqCst);
    world.read(&bucket, 13, 60).await;
    assert_eq!(bucket.most_together.load(Ordering::SeqCst), 13);
}

#[tokio::test]
async fn a_bucket_of_ten_leaves_one_call_for_the_customer() {
    let (world, bucket) = (world(), Bucket::new(10, 2));
    assert_eq!(world.read(&bucket, 13, 60).await, 0);
    assert_eq!(bucket.refused.load(Ordering::SeqCst), 0);
    assert!(world.passed() <= Duration::from_secs(5), "{:?}", world.passed());
}

#[tokio::test]
async fn a_tenant_that_states_no_limits_gets_a_few_at_a_time() {
    let world = world();
    let bucket = Bucket { states_limits: false, ..Bucket::new(100, 100) };
    assert_eq!(world.read(&bucket, 13, 60).await, 0);
    assert_eq!(bucket.most_together.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn waits_never_pass_the_deadline() {
    let (world, bucket) = (world(), Bucket::new(2, 2));
    let unread = world.read(&bucket, 13, 3).await;
    assert_eq!(unread, 13 - 6);
    assert!(world.passed() <= Duration::from_secs(3));
}

#[tokio::test]
async fn a_429_blocks_all_calls_to_the_tenant_until_its_retry_time() {
    let world = world();
    let then = at(30);
    let deadline = at(20);
    let permit = world.rate_limiter.acquire(deadline).await.ok().unwrap();
    permit.limited(&retry_after(then));
    let refused = world.rate_limiter.acquire(deadline).await.err();
    assert_eq!(refused, Some(AcquireError::Limited(Some(then))));
    assert_eq!(world.passed(), Duration::ZERO);
    assert!(world.rate_limiter.acquire(at(60)).await.is_ok());
    assert_eq!(world.passed().as_secs(), 30);
}

#[tokio::test]
async fn the_retry_time_of_a_429_is_capped() {
    let world = world();
    world.permit().await.limited(&retry_after(Timestamp::MAX));
    let permit = world.permit().await;
    assert_eq!(world.passed(), Duration::from_hours(24));
    // A refill is never far away: that claim is the word of a clock that is wrong.
    permit.limited(&RateLimitHeaders {
        reset_at: Some(Timestamp::MAX),
        ..RateLimitHeaders::default()
    });
    assert!(world.rate_limiter.acquire(Timestamp::MAX).await.is_ok());
    assert_eq!(world.passed(), Duration::from_hours(24) + Duration::from_mins(10));
}

#[tokio::test]
async fn a_429_without_headers_backs_off_exponentially() {
    let world = world();
    for _ in 0..3 {
        world.permit().await.limited(&RateLimitHeaders::default());
    }
    drop(world.permit().await);
    assert_eq!(world.passed().as_secs(), 2 + 4 + 8, "the jitter doubles each floor here");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_bucket_without_other_users_never_returns_429(burst in 1_u32..60, refill in 1_u32..60, calls in 1_u32..40) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (world, bucket) = (world(), Bucket::new(burst, refill));
            prop_assert_eq!(world.read(&bucket, calls, 100_000).await, 0);
            prop_assert_eq!(bucket.refused.load(Ordering::SeqCst), 0);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_hanging_call_does_not_block_a_tenant_with_a_small_bucket() {
    let (world, bucket) = (world(), Bucket::new(2, 2));
    world.read(&bucket, 1, 60).await;
    let hanging = world.permit().await;
    world.clock.advance(Duration::from_secs(2));
    assert!(world.rate_limiter.acquire(Timestamp::MAX).await.is_ok());
    drop(hanging);
}

/// A tenant whose clock is a second behind states each refill a second too early.
#[tokio::test]
async fn a_slow_clock_costs_one_429_at_most() {
    let (world, bucket) = (world(), Bucket { is_behind_s: 1, ..Bucket::new(2, 2) });
    assert_eq!(world.read(&bucket, 13, 60).await, 0);
    assert_eq!(bucket.refused.load(Ordering::SeqCst), 1);
}

/// Its 429 states no time, or one that is past.
#[tokio::test]
async fn a_bucket_refilled_each_minute_costs_few_calls() {
    for reset_at in [None, Some(at(-120))] {
        let world = world();
        let (opens, deadline) = (START_S + 59, at(300));
        let mut refused = 0;
        loop {
            let permit = world.rate_limiter.acquire(deadline).await.ok().unwrap();
            if world.clock.now().as_second() >= opens {
                break permit.record_response(&RateLimitHeaders::default(), false);
            }
            refused += 1;
            permit.limited(&RateLimitHeaders { reset_at, ..RateLimitHeaders::default() });
        }
        assert!((1..=7).contains(&refused), "{refused}");
    }
}

#[tokio::test]
async fn a_permit_that_is_dropped_or_returned_is_released() {
    let world = world();
    for _ in 0..50 {
        drop(world.permit().await);
        world.permit().await.release_unused();
    }
    assert_eq!(world.passed(), Duration::ZERO);
}
