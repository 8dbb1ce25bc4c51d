//! The leases of the syncs that this process runs. One statement checks and renews all. A sync stops at once if its
//! lease is lost (claimed by another worker, cancelled or deleted), or if it expires because the database is
//! unreachable: another worker may already have claimed the sync.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Engine, db_timeout};

/// By lease token.
#[derive(Default)]
pub(crate) struct LeaseTable(Mutex<HashMap<Uuid, Lease>>);

struct Lease {
    until: Timestamp,
    /// Stops the sync.
    lost: CancellationToken,
}

/// A registered lease; removed when dropped.
pub(crate) struct LeaseGuard<'a> {
    held: &'a LeaseTable,
    lease_token: Uuid,
    /// Cancelled when the lease is lost.
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

    /// Records the ends of the kept leases, and cancels the others that were asked for.
    fn renew(&self, asked: &[Uuid], kept: Vec<(Uuid, Timestamp)>) {
        let kept: HashMap<_, _> = kept.into_iter().collect();
        let mut held = self.lock();
        for lease_token in asked {
            match (held.get_mut(lease_token), kept.get(lease_token)) {
                (Some(lease), Some(until)) => lease.until = *until,
                (Some(lease), None) => lease.lost.cancel(),
                (None, _) => {}
            }
        }
    }

    /// Cancels the leases that expire by then.
    fn cancel_expired(&self, by: Timestamp) {
        for lease in self.lock().values().filter(|lease| lease.until <= by) {
            lease.lost.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Lease>> {
        // A panic while the lock is held leaves the map valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LeaseGuard<'_> {
    fn drop(&mut self) {
        self.held.lock().remove(&self.lease_token);
    }
}

/// Renews the leases of this process while it is polled.
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
        let (now, time) = (self.clock().now(), limits.lease / 4);
        let until = now + limits.lease;
        // Asks each time, to learn of lost leases, but writes only after a quarter of the lease.
        let extend = self.store().extend_leases(&asked, until - time, until);
        match db_timeout::with_timeout(time, extend).await {
            Ok(kept) => held.renew(&asked, kept),
            // The database may be back before the leases expire; the end of each sync checks its lease anyway.
            Err(error) => tracing::warn!(%error, syncs = asked.len(), "renewing leases failed"),
        }
        // The next renewal may take as long, and must not come too late.
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

        held.renew(&[kept, taken], vec![(kept, soon + SignedDuration::from_secs(10))]);
        assert_eq!(lost(), [false, true, false]);
        held.cancel_expired(start);
        assert_eq!(lost(), [false, true, false]);
        held.cancel_expired(soon);
        assert_eq!(lost(), [false, true, true]);
    }
}
