//! The syncs that this process runs, each under a lease. One statement keeps them all; a sync whose
//! lease is gone (taken over, cancelled, deleted) stops at once; so does one whose lease runs out because
//! the database cannot be reached: another worker may already have it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Engine, db_timeout};

/// The leases by their tokens.
#[derive(Default)]
pub(crate) struct LeaseTable(Mutex<HashMap<Uuid, Lease>>);

struct Lease {
    until: Timestamp,
    /// Stops the sync.
    lost: CancellationToken,
}

/// One sync in hand; given back when dropped.
pub(crate) struct LeaseGuard<'a> {
    held: &'a LeaseTable,
    lease_token: Uuid,
    /// Cancelled when the lease is gone.
    pub lost: CancellationToken,
}

impl LeaseTable {
    pub fn register(&self, lease_token: Uuid, until: Timestamp) -> LeaseGuard<'_> {
        let lost = CancellationToken::new();
        self.lock().insert(lease_token, Lease { until, lost: lost.clone() });
        LeaseGuard { held: self, lease_token, lost }
    }

    fn lease_tokens(&self) -> Vec<Uuid> {
        self.lock().keys().copied().collect()
    }

    /// Those that were kept are kept until then; the others that were asked for are lost.
    fn renew(&self, asked: &[Uuid], kept: &[Uuid], until: Timestamp) {
        let mut held = self.lock();
        for lease_token in asked {
            match held.get_mut(lease_token) {
                Some(lease) if kept.contains(lease_token) => lease.until = until,
                Some(lease) => lease.lost.cancel(),
                None => {}
            }
        }
    }

    /// Stops the syncs whose leases are over by then.
    fn cancel_expired(&self, by: Timestamp) {
        for lease in self.lock().values().filter(|lease| lease.until <= by) {
            lease.lost.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Lease>> {
        // A panic of another holder leaves a map that is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LeaseGuard<'_> {
    fn drop(&mut self) {
        self.held.lock().remove(&self.lease_token);
    }
}

/// Keeps the leases of this process for as long as it is polled.
pub(crate) async fn renew_loop(engine: &Engine) {
    loop {
        tokio::time::sleep(engine.limits().lease_check_every).await;
        engine.renew_leases().await;
    }
}

impl Engine {
    async fn renew_leases(&self) {
        let held = &self.shared.held;
        let asked = held.lease_tokens();
        if asked.is_empty() {
            return;
        }
        let limits = self.limits();
        let until = self.clock().now() + limits.lease;
        let time = limits.lease / 4;
        match db_timeout::with_timeout(time, self.store().extend_leases(&asked, until)).await {
            Ok(kept) => held.renew(&asked, &kept, until),
            // The database may be back before the leases run out; each end is re-checked anyway.
            Err(error) => tracing::warn!(%error, syncs = asked.len(), "no heartbeat"),
        }
        // The next look may take as long, and must not come too late.
        held.cancel_expired(self.clock().now() + limits.lease_check_every + time);
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_lease_is_lost_when_not_renewed_or_expired() {
        let (held, start) = (LeaseTable::default(), Timestamp::UNIX_EPOCH);
        let soon = start + SignedDuration::from_secs(10);
        let [kept, taken, silent] = [1, 2, 3].map(Uuid::from_u128);
        let holds = [kept, taken, silent].map(|token| held.register(token, soon));
        let lost = || [0, 1, 2].map(|index: usize| holds[index].lost.is_cancelled());

        held.renew(&[kept, taken], &[kept], soon + SignedDuration::from_secs(10));
        assert_eq!(lost(), [false, true, false]);
        held.cancel_expired(start);
        assert_eq!(lost(), [false, true, false]);
        held.cancel_expired(soon);
        assert_eq!(lost(), [false, true, true]);
    }
}
