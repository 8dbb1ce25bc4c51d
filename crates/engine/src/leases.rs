//! The syncs that this process runs, each under a lease. One statement keeps them all; a sync whose
//! lease is gone (taken over, cancelled, deleted) stops at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Engine;

/// Lease tokens with what stops their syncs.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<Uuid, CancellationToken>>);

/// One sync in hand; given back when dropped.
pub(crate) struct Hold<'a> {
    held: &'a Held,
    lease_token: Uuid,
    /// Cancelled when the lease is gone.
    pub lost: CancellationToken,
}

impl Held {
    pub fn take(&self, lease_token: Uuid) -> Hold<'_> {
        let lost = CancellationToken::new();
        self.lock().insert(lease_token, lost.clone());
        Hold { held: self, lease_token, lost }
    }

    fn lease_tokens(&self) -> Vec<Uuid> {
        self.lock().keys().copied().collect()
    }

    fn stop_all_but(&self, asked: &[Uuid], kept: &[Uuid]) {
        let held = self.lock();
        for lease_token in asked.iter().filter(|token| !kept.contains(token)) {
            if let Some(lost) = held.get(lease_token) {
                lost.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, CancellationToken>> {
        // A panic of another holder leaves a map that is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.lock().remove(&self.lease_token);
    }
}

/// Keeps the leases of this process for as long as it is polled.
pub(crate) async fn keep(engine: &Engine) {
    loop {
        tokio::time::sleep(engine.limits().lease_check_every).await;
        engine.keep_leases().await;
    }
}

impl Engine {
    async fn keep_leases(&self) {
        let held = &self.shared.held;
        let asked = held.lease_tokens();
        if asked.is_empty() {
            return;
        }
        let until = self.clock().now() + self.limits().lease;
        match self.store().extend_leases(&asked, until).await {
            Ok(kept) => held.stop_all_but(&asked, &kept),
            // The database may be back before the leases run out; each end is re-checked anyway.
            Err(error) => tracing::warn!(%error, syncs = asked.len(), "no heartbeat"),
        }
    }
}
