//! When a call is retried after a 429, a 5xx or a fault, and with which backoff. A call that lost its token is in
//! `token_retry.rs`; how long a whole tenant waits, in the rate limiter.

use std::time::Duration;

use domain::inconclusive::UnknownReason;
use domain::tenant::Outcome;

use super::ReadingRun;
use crate::rate_limit::{full_jitter, rate_limit_backoff};
use crate::reading::failed_reading;
use crate::time::{saturating_add, time_until};

impl ReadingRun<'_> {
    /// The rate limiter waits as the tenant states. A reading with another 429 also waits longer each time, because
    /// its limit may differ from that of the readings that succeed meanwhile.
    pub(super) async fn after_limit(&mut self) -> Option<Outcome> {
        self.limited += 1;
        if self.limited == 1 {
            return None;
        }
        let wait = rate_limit_backoff(self.limited - 1, self.deps().jitter.as_ref());
        if saturating_add(self.deps().clock.now(), wait) >= self.deadline {
            return Some(failed_reading::limited(
                "Auth0 limited our rate until our time was over (429).",
            ));
        }
        self.deps().sleeper.sleep(wait).await;
        None
    }

    pub(super) async fn after_fault(
        &mut self,
        reason: UnknownReason,
        message: String,
    ) -> Option<Outcome> {
        self.transient += 1;
        let limits = &self.deps().limits;
        let jitter = self.deps().jitter.as_ref();
        let wait = full_jitter(self.transient, limits.backoff_base, limits.backoff_cap, jitter);
        let now = self.deps().clock.now();
        let wait =
            wait.max(self.not_before.take().map_or(Duration::ZERO, |then| time_until(now, then)));
        let is_last = self.transient >= limits.attempts_transient;
        if is_last || saturating_add(now, wait) >= self.deadline {
            return Some(Outcome::Unreadable { reason, message });
        }
        self.deps().sleeper.sleep(wait).await;
        None
    }
}
