//! What is known of one tenant's bucket, and what it allows next. Time and chance are arguments;
//! nothing here waits.

use std::time::Duration;

use domain::tenant::RateLimitSnapshot;
use jiff::Timestamp;

use crate::rate_limit::headers::{CLOCK_MARGIN, RESET_MAX, RateLimitHeaders};
use crate::sleep::Jitter;
use crate::time::{saturating_add, time_until};

/// How long `remaining` is believed: others use the bucket too.
const STATE_TTL: Duration = Duration::from_secs(5);
/// When a tenant states what remains and not when more comes.
const UNSTATED_REFILL: Duration = Duration::from_secs(1);
/// Left alone for so long, a large bucket is taken for full.
const FILLS_UP: Duration = Duration::from_mins(1);
/// Added to a refill's time, because clocks that agree still differ a little.
const REFILL_MARGIN: Duration = Duration::from_millis(50);
/// Probes that teach nothing before several calls are made at once all the same.
const FAILED_PROBES_MAX: u32 = 2;

/// The limits that a pacer keeps to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub wave_max: u32,
    pub wave_without_limits: u32,
    pub longest_wait: Duration,
}

/// Whether the next call may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Yes; the number of the round it belongs to.
    Now(u64),
    /// Not before this instant.
    At(Timestamp),
    /// Not before a call under way has ended.
    AfterAnAnswer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing is known: one call, whose answer says more. Calls of before may still be under way.
    Probe { is_out: bool },
    /// The tenant states no limits.
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
    under_way: u32,
    /// Grows with each 429, so that late answers of an earlier round teach nothing.
    round: u64,
    closed_until: Option<Timestamp>,
    limited_in_a_row: u32,
    fruitless_probes: u32,
    /// The call under way is the first after a refill that was waited for.
    is_after_refill: bool,
    refill_margin: Duration,
    bucket_size: Option<u32>,
}

impl State {
    pub fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            mode: PROBE,
            under_way: 0,
            round: 0,
            closed_until: None,
            limited_in_a_row: 0,
            fruitless_probes: 0,
            is_after_refill: false,
            refill_margin: REFILL_MARGIN,
            bucket_size: None,
        }
    }

    /// Until when a 429 keeps this tenant closed.
    pub fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_until.filter(|then| *then > now)
    }

    /// What is worth remembering beyond this process.
    pub fn pace(&self, now: Timestamp) -> RateLimitSnapshot {
        RateLimitSnapshot { bucket_size: self.bucket_size, closed_until: self.closed_at(now) }
    }

    /// Takes over what another process, or an earlier one, learned; what is known here stays.
    pub fn remember(&mut self, pace: RateLimitSnapshot) {
        self.bucket_size = self.bucket_size.or(pace.bucket_size.filter(|size| *size > 0));
        self.closed_until = self.closed_until.max(pace.closed_until);
    }

    /// A bucket that holds several waves needs no probe, unless the tenant has just limited us.
    fn has_headroom(&self) -> bool {
        let needed = self.sizes.wave_max.saturating_mul(2);
        self.limited_in_a_row == 0 && self.bucket_size.is_some_and(|size| size >= needed)
    }

    /// Whether any call has started and not ended.
    pub fn has_calls_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Whether the tenant's bucket, not our own caps, is what holds us back.
    pub fn is_tenant_bound(&self) -> bool {
        self.bucket_size.is_some_and(|size| size < self.sizes.wave_max)
    }

    /// Starts a call if it may start.
    pub fn start(&mut self, now: Timestamp) -> Decision {
        if let Some(then) = self.closed_at(now) {
            return Decision::At(then);
        }
        if self.mode == PROBE && self.has_headroom() {
            self.mode = Self::full_burst(self.sizes.wave_max, now);
        }
        let is_roomy = self.has_headroom();
        let can_start = match &mut self.mode {
            Mode::Probe { is_out } => !std::mem::replace(is_out, true),
            Mode::NoHeaders { width } => self.under_way < *width,
            Mode::Budget { .. } if self.under_way >= self.sizes.wave_max => false,
            Mode::Budget { left: 0, refill_at, .. } if *refill_at > now => {
                return Decision::At(*refill_at);
            }
            Mode::Budget { left, seen_at, .. }
                if *left > 0 && time_until(*seen_at, now) < STATE_TTL =>
            {
                *left -= 1;
                true
            }
            // Refilled since, or heard too long ago: ask again, with one call, or with a wave where a
            // large bucket had the time to fill up.
            Mode::Budget { seen_at, .. } if is_roomy && time_until(*seen_at, now) >= FILLS_UP => {
                self.mode = Self::full_burst(self.sizes.wave_max.saturating_sub(1), now);
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
        self.under_way += 1;
        Decision::Now(self.round)
    }

    fn full_burst(left: u32, now: Timestamp) -> Mode {
        let refill_at = saturating_add(now, UNSTATED_REFILL);
        Mode::Budget { left, window: None, refill_at, seen_at: now }
    }

    /// Learns from an answer that is no 429.
    pub fn record_response(
        &mut self,
        round: u64,
        headers: &RateLimitHeaders,
        is_server_error: bool,
        now: Timestamp,
    ) {
        self.under_way = self.under_way.saturating_sub(1);
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
        self.fruitless_probes = 0;
        self.is_after_refill = false;
        let spare = remaining.saturating_sub(self.reserve());
        let left = match self.mode {
            // Of one window only the lowest word counts: answers overtake each other.
            Mode::Budget { left, window, .. } if window == headers.window && window.is_some() => {
                left.min(spare)
            }
            Mode::Budget { window, .. } if window > headers.window => return,
            // Those under way may not have been counted yet.
            _ => spare.saturating_sub(self.under_way),
        };
        let reset_at = headers.reset_at.map(|at| saturating_add(at, self.refill_margin));
        let refill_at = reset_at.unwrap_or_else(|| saturating_add(now, UNSTATED_REFILL));
        let refill_at = refill_at.min(saturating_add(now, RESET_MAX));
        self.mode = Mode::Budget { left, window: headers.window, refill_at, seen_at: now };
    }

    /// A tenth of the bucket is the customer's own; a bucket under ten is too small to share.
    fn reserve(&self) -> u32 {
        self.bucket_size.unwrap_or(0) / 10
    }

    /// Learns from a 429: closes the tenant for everyone.
    pub fn limited(
        &mut self,
        round: u64,
        headers: &RateLimitHeaders,
        now: Timestamp,
        chance: &dyn Jitter,
    ) {
        self.under_way = self.under_way.saturating_sub(1);
        self.bucket_size = headers.limit.or(self.bucket_size);
        let longest = self.sizes.longest_wait;
        let retry_at = if round == self.round {
            self.round += 1;
            self.limited_in_a_row = self.limited_in_a_row.saturating_add(1);
            Some(headers.retry_at(self.limited_in_a_row, now, longest, chance))
        } else {
            headers.stated_retry_at(now, longest)
        };
        if self.is_after_refill {
            // The tenant's clock is behind ours.
            self.refill_margin = CLOCK_MARGIN;
        }
        let Some(retry_at) = retry_at else { return };
        self.closed_until = self.closed_until.max(Some(retry_at));
        self.mode = PROBE;
        self.is_after_refill = false;
    }

    /// Takes back a call that was not made.
    pub fn returned(&mut self, round: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        if round != self.round {
            return;
        }
        match &mut self.mode {
            Mode::Probe { is_out } => *is_out = false,
            Mode::Budget { left, .. } => *left = left.saturating_add(1),
            Mode::NoHeaders { .. } => {}
        }
    }

    /// Learns that a call got no answer.
    pub fn failed(&mut self, round: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        if round == self.round {
            self.record_failed_probe();
        }
    }

    /// A tenant that hangs is not probed by one for ever: that would spend the whole deadline on it.
    fn record_failed_probe(&mut self) {
        if !matches!(self.mode, Mode::Probe { .. }) {
            return;
        }
        self.mode = PROBE;
        self.fruitless_probes += 1;
        if self.fruitless_probes >= FAILED_PROBES_MAX {
            self.fruitless_probes = 0;
            let most = self.sizes.wave_without_limits;
            let width = self.bucket_size.map_or(most, |size| (size / 2).clamp(1, most.max(1)));
            self.mode = Mode::NoHeaders { width };
        }
    }
}
