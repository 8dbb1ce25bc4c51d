//! The state of a tenant's token bucket, and whether the next call may start. Pure: time and jitter are arguments.

use std::time::Duration;

use domain::tenant::RateLimitSnapshot;
use jiff::Timestamp;

use crate::rate_limit::headers::{CLOCK_MARGIN, RESET_MAX, RateLimitHeaders};
use crate::sleep::Jitter;
use crate::time::{saturating_add, time_until};

/// How long `remaining` is valid: other clients use the bucket too.
const STATE_TTL: Duration = Duration::from_secs(5);
/// The assumed refill if a tenant states the remaining calls but no reset.
const UNSTATED_REFILL: Duration = Duration::from_secs(1);
/// A bucket of this size needs no probe.
const LARGE_BUCKET: u32 = 32;
/// A large bucket is assumed to be full after this time without calls.
const FILLS_UP: Duration = Duration::from_mins(1);
/// Added to the time of a refill, for small differences between clocks.
const REFILL_MARGIN: Duration = Duration::from_millis(50);
/// Probes without rate limit headers before concurrent calls are made anyway.
const FAILED_PROBES_MAX: u32 = 2;

/// The configured limits of a rate limiter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub wave_max: u32,
    pub wave_without_limits: u32,
    pub longest_wait: Duration,
}

/// Whether the next call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Yes. The number of the round.
    Now(u64),
    /// Not before this instant.
    At(Timestamp),
    /// After a running call has ended.
    AfterAnAnswer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing is known: one call at a time. Earlier calls may still be running.
    Probe { is_out: bool },
    /// The tenant sends no rate limit headers.
    NoHeaders { width: u32 },
    /// `left` calls may start before the refill.
    Budget { left: u32, window: Option<i64>, refill_at: Timestamp, seen_at: Timestamp },
}

const PROBE: Mode = Mode::Probe { is_out: false };

/// The state of one tenant.
#[derive(Debug)]
pub(crate) struct State {
    sizes: Sizes,
    mode: Mode,
    running: u32,
    /// Incremented by each 429, so that late responses to earlier calls are ignored.
    round: u64,
    closed_until: Option<Timestamp>,
    limited_in_a_row: u32,
    failed_probes: u32,
    /// Whether the running call is the first after a refill.
    is_after_refill: bool,
    refill_margin: Duration,
    bucket_size: Option<u32>,
}

impl State {
    pub fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            mode: PROBE,
            running: 0,
            round: 0,
            closed_until: None,
            limited_in_a_row: 0,
            failed_probes: 0,
            is_after_refill: false,
            refill_margin: REFILL_MARGIN,
            bucket_size: None,
        }
    }

    /// The end of the backoff of a 429.
    pub fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_until.filter(|then| *then > now)
    }

    /// The state to save for other processes.
    pub fn pace(&self, now: Timestamp) -> RateLimitSnapshot {
        RateLimitSnapshot { bucket_size: self.bucket_size, closed_until: self.closed_at(now) }
    }

    /// Restores a saved state unless a newer one is known.
    pub fn remember(&mut self, pace: RateLimitSnapshot) {
        self.bucket_size = self.bucket_size.or(pace.bucket_size.filter(|size| *size > 0));
        self.closed_until = self.closed_until.max(pace.closed_until);
    }

    /// Calls that need no probe: half of a large bucket, except right after a 429. None for a small bucket.
    fn blind_burst(&self) -> Option<u32> {
        let size = self.bucket_size.filter(|size| *size >= LARGE_BUCKET)?;
        (self.limited_in_a_row == 0).then_some((size / 2).min(self.sizes.wave_max))
    }

    /// Whether any call is running.
    pub fn has_running_calls(&self) -> bool {
        self.running > 0
    }

    /// Whether the tenant's bucket is the narrowest limit, and not the configured cap.
    pub fn is_tenant_bound(&self) -> bool {
        self.bucket_size.is_some_and(|size| size < self.sizes.wave_max)
    }

    /// Starts a call if it is allowed.
    pub fn start(&mut self, now: Timestamp) -> Decision {
        if let Some(then) = self.closed_at(now) {
            return Decision::At(then);
        }
        let burst = self.blind_burst();
        if let (PROBE, Some(burst)) = (self.mode, burst) {
            self.mode = Self::full_burst(burst, now);
        }
        let can_start = match &mut self.mode {
            Mode::Probe { is_out } => !std::mem::replace(is_out, true),
            Mode::NoHeaders { width } => self.running < *width,
            Mode::Budget { .. } if self.running >= self.sizes.wave_max => false,
            Mode::Budget { left: 0, refill_at, .. } if *refill_at > now => {
                return Decision::At(*refill_at);
            }
            Mode::Budget { left, seen_at, .. }
                if *left > 0 && time_until(*seen_at, now) < STATE_TTL =>
            {
                *left -= 1;
                true
            }
            // Refilled since, or too old: probe with one call, or with a burst if a large bucket had time to fill.
            Mode::Budget { seen_at, .. }
                if let Some(burst) = burst
                    && time_until(*seen_at, now) >= FILLS_UP =>
            {
                self.mode = Self::full_burst(burst.saturating_sub(1), now);
                true
            }
            Mode::Budget { left, .. } => {
                self.is_after_refill = *left == 0;
                self.mode = Mode::Probe { is_out: true };
                true
            }
        };
        if !can_start {
            return Decision::AfterAnAnswer;
        }
        self.running += 1;
        Decision::Now(self.round)
    }

    fn full_burst(left: u32, now: Timestamp) -> Mode {
        let refill_at = saturating_add(now, UNSTATED_REFILL);
        Mode::Budget { left, window: None, refill_at, seen_at: now }
    }

    /// Records a response other than a 429.
    pub fn record_response(
        &mut self,
        round: u64,
        headers: &RateLimitHeaders,
        is_server_error: bool,
        now: Timestamp,
    ) {
        self.running = self.running.saturating_sub(1);
        if round != self.round {
            return;
        }
        self.bucket_size = headers.limit.or(self.bucket_size);
        match headers.remaining {
            Some(remaining) => self.learn(remaining, headers, now),
            None if is_server_error => self.record_failed_probe(),
            None => {
                self.limited_in_a_row = 0;
                if matches!(self.mode, Mode::Probe { .. }) {
                    self.mode = Mode::NoHeaders { width: self.sizes.wave_without_limits };
                }
            }
        }
    }

    fn learn(&mut self, remaining: u32, headers: &RateLimitHeaders, now: Timestamp) {
        self.limited_in_a_row = 0;
        self.failed_probes = 0;
        self.is_after_refill = false;
        let spare = remaining.saturating_sub(self.reserve());
        let left = match self.mode {
            // Responses overtake each other: the lowest number of a window counts.
            Mode::Budget { left, window, .. } if window == headers.window && window.is_some() => {
                left.min(spare)
            }
            Mode::Budget { window, .. } if window > headers.window => return,
            // The tenant may not have counted the running calls yet.
            _ => spare.saturating_sub(self.running),
        };
        let reset_at = headers.reset_at.map(|at| saturating_add(at, self.refill_margin));
        let refill_at = reset_at.unwrap_or_else(|| saturating_add(now, UNSTATED_REFILL));
        let refill_at = refill_at.min(saturating_add(now, RESET_MAX));
        self.mode = Mode::Budget { left, window: headers.window, refill_at, seen_at: now };
    }

    /// A tenth of the bucket is reserved for the customer. Buckets under ten are too small to share.
    fn reserve(&self) -> u32 {
        self.bucket_size.unwrap_or(0) / 10
    }

    /// Records a 429: no calls until its end.
    pub fn limited(
        &mut self,
        round: u64,
        headers: &RateLimitHeaders,
        now: Timestamp,
        jitter: &dyn Jitter,
    ) {
        self.running = self.running.saturating_sub(1);
        self.bucket_size = headers.limit.or(self.bucket_size);
        let longest = self.sizes.longest_wait;
        let retry_at = if round == self.round {
            self.round += 1;
            self.limited_in_a_row = self.limited_in_a_row.saturating_add(1);
            Some(headers.retry_at(self.limited_in_a_row, now, longest, jitter))
        } else {
            headers.stated_retry_at(now, longest)
        };
        if self.is_after_refill {
            // The tenant's clock is behind this one.
            self.refill_margin = CLOCK_MARGIN;
        }
        let Some(retry_at) = retry_at else { return };
        self.closed_until = self.closed_until.max(Some(retry_at));
        self.mode = PROBE;
        self.is_after_refill = false;
    }

    /// Undoes the start of a call that was not made.
    pub fn returned(&mut self, round: u64) {
        self.running = self.running.saturating_sub(1);
        if round != self.round {
            return;
        }
        match &mut self.mode {
            Mode::Probe { is_out } => *is_out = false,
            Mode::Budget { left, .. } => *left = left.saturating_add(1),
            Mode::NoHeaders { .. } => {}
        }
    }

    /// Records a call without a response.
    pub fn failed(&mut self, round: u64) {
        self.running = self.running.saturating_sub(1);
        if round == self.round {
            self.record_failed_probe();
        }
    }

    /// Limits the probes of a tenant that hangs: one by one, they would take the whole deadline.
    fn record_failed_probe(&mut self) {
        if !matches!(self.mode, Mode::Probe { .. }) {
            return;
        }
        self.mode = PROBE;
        self.failed_probes += 1;
        if self.failed_probes >= FAILED_PROBES_MAX {
            self.failed_probes = 0;
            let most = self.sizes.wave_without_limits;
            let width = self.bucket_size.map_or(most, |size| (size / 2).clamp(1, most.max(1)));
            self.mode = Mode::NoHeaders { width };
        }
    }
}
