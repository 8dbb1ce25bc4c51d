//! The background worker: queues what is due, claims what is queued, runs several syncs at once.
//! Woken by this process and by Postgres; polling backs it up. Any number of replicas may run it.

use std::sync::Arc;

use futures_util::FutureExt;
use jiff::SignedDuration;
use store::Claim;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Engine;

/// Integrations queued in one look at the schedule.
const DUE_AT_ONCE: u32 = 100;
/// How often what has expired is purged.
const PURGE_EVERY: std::time::Duration = std::time::Duration::from_secs(3600);

/// Runs until shutdown, then waits for the syncs in hand. Who cannot wait may drop the future: the
/// leases run out and another worker goes on.
pub async fn run(engine: Engine, shutdown: CancellationToken) {
    let slots = Arc::new(Semaphore::new(engine.limits().concurrent_syncs));
    let running = TaskTracker::new();
    let mut wakes = engine.store().listen();
    let mut purge_at = tokio::time::Instant::now();
    loop {
        if tokio::time::Instant::now() >= purge_at {
            purge_at = tokio::time::Instant::now() + PURGE_EVERY;
            if let Err(error) = engine.store().delete_expired(engine.clock().now()).await {
                tracing::warn!(%error, "nothing was purged");
            }
        }
        // Registered before looking, so that a sync queued in between is not missed.
        let queued = engine.shared.queued.notified();
        if let Err(error) = fill(&engine, &slots, &running).await {
            tracing::warn!(%error, "no work can be claimed now");
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = queued => {}
            () = wakes.next() => {}
            () = tokio::time::sleep(engine.limits().poll_every) => {}
        }
    }
    running.close();
    running.wait().await;
}

/// Queues what is due and claims while there are free slots.
async fn fill(
    engine: &Engine,
    slots: &Arc<Semaphore>,
    running: &TaskTracker,
) -> Result<(), store::Error> {
    engine.queue_due().await?;
    loop {
        let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { return Ok(()) };
        let Some(claim) = engine.claim().await? else { return Ok(()) };
        let engine = engine.clone();
        running.spawn(async move {
            engine.run_guarded(claim).await;
            drop(slot);
            // A free slot is a reason to look again.
            engine.shared.queued.notify_one();
        });
    }
}

impl Engine {
    /// Runs everything that is due or queued, one after the other, until nothing is left.
    pub async fn run_due_jobs(&self) -> Result<u32, store::Error> {
        let mut done = 0;
        loop {
            self.queue_due().await?;
            let Some(claim) = self.claim().await? else { return Ok(done) };
            self.run(claim).await?;
            done += 1;
        }
    }

    async fn queue_due(&self) -> Result<u32, store::Error> {
        self.store().insert_due_syncs(self.clock().now(), DUE_AT_ONCE, self.ids()).await
    }

    async fn claim(&self) -> Result<Option<Claim>, store::Error> {
        let lease = SignedDuration::try_from(self.limits().lease).unwrap_or(SignedDuration::ZERO);
        self.store().claim_sync(self.clock().now(), lease, self.ids().next()).await
    }

    /// A fault or panic of one sync never takes the worker with it.
    async fn run_guarded(&self, claim: Claim) {
        let id = claim.sync.id;
        match std::panic::AssertUnwindSafe(self.run(claim)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(sync_id = %id, %error, "the end was not written"),
            Err(_) => tracing::error!(sync_id = %id, "the sync panicked; its lease will run out"),
        }
    }
}
