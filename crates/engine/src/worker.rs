//! The background worker: queues due syncs, claims queued ones, and runs several at once. Woken by this process and
//! by Postgres notifications, and by polling in case these are lost. Any number of replicas may run it.

use std::sync::Arc;

use futures_util::FutureExt;
use jiff::SignedDuration;
use store::{Claim, ClaimRules, Claims};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Engine, db_timeout, leases};

/// Syncs claimed at once.
const CLAIMS_MAX: usize = 64;
/// How long a claim under way may take after the shutdown began, so that what it claims is run or released.
const CLAIM_GRACE: std::time::Duration = std::time::Duration::from_secs(2);
/// Integrations per query of the schedule.
const DUE_AT_ONCE: u32 = 100;
/// Interval of purging expired rows.
const PURGE_EVERY: std::time::Duration = std::time::Duration::from_secs(3600);
/// Interval of looking for expiring secrets.
const REMIND_EVERY: std::time::Duration = std::time::Duration::from_mins(5);
/// Polls between two looks for syncs that no worker ends.
const POLLS_TO_OVERDUE: u32 = 3;

/// Runs until shutdown. Then running syncs get some time to finish, and the rest are released to the queue. If the
/// process is killed instead, the leases expire and another worker claims the syncs.
pub async fn run(engine: Engine, shutdown: CancellationToken) {
    let running = TaskTracker::new();
    let stop = CancellationToken::new();
    tokio::select! {
        () = poll_loop(&engine, &running, &stop, &shutdown) => {}
        () = leases::renew_loop(&engine) => {}
        () = async {
            shutdown.cancelled().await;
            tokio::time::sleep(CLAIM_GRACE).await;
        } => {}
    }
    running.close();
    let grace = async {
        tokio::time::sleep(engine.limits().shutdown_grace).await;
        stop.cancel();
        running.wait().await;
    };
    tokio::select! {
        () = running.wait() => {}
        () = leases::renew_loop(&engine) => {}
        () = grace => {}
    }
}

/// Ends between two claims after the shutdown began.
async fn poll_loop(
    engine: &Engine,
    running: &TaskTracker,
    stop: &CancellationToken,
    shutdown: &CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(engine.limits().concurrent_syncs));
    let mut wakes = engine.store().listen();
    let freed = Arc::new(Notify::new());
    let mut purge_at = tokio::time::Instant::now();
    let (mut remind_at, mut overdue_at, mut poll_at) = (purge_at, purge_at, purge_at);
    while !shutdown.is_cancelled() {
        if tokio::time::Instant::now() >= purge_at {
            purge_at = tokio::time::Instant::now() + PURGE_EVERY;
            let expire = engine.record_all_expired_acceptances();
            if let Err(error) = db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, expire).await {
                tracing::warn!(%error, "recording expired acceptances failed; will retry");
            }
            let now = engine.clock().now();
            let purge = engine.store().delete_expired(now, &engine.limits().retention);
            if let Err(error) = db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, purge).await {
                tracing::warn!(%error, "purging expired rows failed; will retry");
            }
        }
        if tokio::time::Instant::now() >= remind_at {
            remind_at = tokio::time::Instant::now() + REMIND_EVERY;
            let remind = engine.remind_of_expiring_secrets();
            if let Err(error) = db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, remind).await {
                tracing::warn!(%error, "recording secret reminders failed; will retry");
            }
        }
        // Registered before the claim, so that a sync queued in between is not missed.
        let queued = engine.shared.queued.notified();
        let work = async {
            if tokio::time::Instant::now() >= poll_at {
                poll_at = tokio::time::Instant::now() + engine.limits().poll_every;
                if tokio::time::Instant::now() >= overdue_at {
                    overdue_at = poll_at + engine.limits().poll_every * (POLLS_TO_OVERDUE - 1);
                    let fail = engine.fail_expired_syncs();
                    db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, fail).await?;
                }
                queue_due(engine).await?;
            }
            claim_and_spawn(engine, (&slots, &freed), running, stop).await
        };
        let has_more = match work.await {
            Ok(has_more) => has_more,
            Err(error) => {
                tracing::warn!(%error, "claiming syncs failed; will retry");
                true
            }
        };
        tokio::select! {
            () = queued => {}
            () = wakes.next() => {}
            () = freed.notified(), if has_more => {}
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep_until(poll_at) => {}
        }
    }
}

/// Queues due syncs.
async fn queue_due(engine: &Engine) -> Result<(), store::Error> {
    while db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, engine.queue_due()).await?
        == DUE_AT_ONCE
    {}
    Ok(())
}

/// Claims a sync for each free slot. True: when a slot is freed, there may be more.
async fn claim_and_spawn(
    engine: &Engine,
    (slots, freed): (&Arc<Semaphore>, &Arc<Notify>),
    running: &TaskTracker,
    stop: &CancellationToken,
) -> Result<bool, store::Error> {
    loop {
        let free = slots.available_permits().min(CLAIMS_MAX);
        if free == 0 {
            return Ok(true);
        }
        // A claim whose response is lost ends like that of a worker that died.
        let claimed =
            db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, engine.claim(free)).await?;
        let Claims { claims, has_more } = claimed;
        let is_last = claims.is_empty() || !has_more;
        for claim in claims {
            let claim = match claim {
                Ok(claim) => claim,
                Err(error) => {
                    tracing::error!(%error, "claimed sync cannot be read");
                    continue;
                }
            };
            let slot = Arc::clone(slots).try_acquire_owned();
            let slot = slot.expect("only this loop acquires slots");
            let (engine, stop, freed) = (engine.clone(), stop.clone(), Arc::clone(freed));
            running.spawn(async move {
                Box::pin(engine.run_guarded(claim, &stop)).await;
                drop(slot);
                freed.notify_one();
            });
        }
        if is_last {
            return Ok(has_more);
        }
    }
}

impl Engine {
    /// Runs all due and queued syncs, one after another.
    pub async fn run_due_jobs(&self) -> Result<u32, store::Error> {
        let mut done = 0;
        let never = CancellationToken::new();
        self.remind_of_expiring_secrets().await?;
        loop {
            self.fail_expired_syncs().await?;
            self.queue_due().await?;
            let Some(claim) = self.claim(1).await?.claims.pop() else { return Ok(done) };
            self.run(claim?, &never).await?;
            done += 1;
        }
    }

    /// Fails syncs whose workers never ended them.
    async fn fail_expired_syncs(&self) -> Result<(), store::Error> {
        let (now, limits) = (self.clock().now(), self.limits());
        let since = now - limits.longest_sync;
        let ended = self.store().fail_overdue_syncs(now, limits.attempts, since).await?;
        if ended > 0 {
            tracing::error!(syncs = ended, "overdue syncs failed: their workers never ended them");
        }
        Ok(())
    }

    async fn queue_due(&self) -> Result<u32, store::Error> {
        let spread = signed(self.limits().schedule_spread);
        let now = self.clock().now();
        self.store().insert_due_syncs(now, spread, DUE_AT_ONCE, self.ids()).await
    }

    async fn claim(&self, syncs: usize) -> Result<Claims, store::Error> {
        let (now, limits) = (self.clock().now(), self.limits());
        let rules = ClaimRules {
            lease: signed(limits.lease),
            per_organisation: limits.syncs_per_organisation,
            per_tenant: limits.syncs_per_tenant,
            attempts: limits.attempts,
            started_after: now - limits.longest_sync,
        };
        let lease_tokens: Vec<_> = (0..syncs).map(|_| self.ids().next()).collect();
        self.store().claim_syncs(now, &rules, &lease_tokens).await
    }

    /// An error or panic of a sync does not stop the worker.
    async fn run_guarded(&self, claim: Claim, stop: &CancellationToken) {
        let id = claim.sync.id;
        match std::panic::AssertUnwindSafe(self.run(claim, stop)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(sync_id = %id, %error, "writing the end of the sync failed");
            }
            Err(_) => tracing::error!(sync_id = %id, "sync panicked; its lease will expire"),
        }
    }
}

fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
