//! Runs one sync: read → evaluate → reconcile → apply. No transaction is open while the tenant is read, and the
//! applying transaction checks again that this worker holds the lease.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auth0::{Caller, Freshness, Session};
use domain::coverage;
use domain::readings::{Reading, ReadingKind};
use domain::reconcile::{ReconcileContext, reconcile};
use domain::sync::{Failure, ReadingReport, SyncResult};
use domain::tenant::{Outcome, Tenant};
use domain::{AssetId, HistoryEntryId};
use futures_util::FutureExt;
use jiff::Timestamp;
use store::{Claim, EvaluationInputs, Finish};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::permitted_readings::read_permitted;
use crate::secret_rotation::OpenedSession;
use crate::sync_result::{Evaluated, ReadResult, SyncEnd};
use crate::sync_summary::{asset, details, health_message, message, token_report};
use crate::syncs::SYNC_DURATION_SECONDS;
use crate::{Engine, db_timeout, evaluation, failure};

/// Attempts to write the end while the database is unavailable, and the pause between them.
const WRITES: u32 = 8;
const WRITE_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Time beyond the deadline of the readings before a sync is aborted.
const MARGIN: Duration = Duration::from_secs(30);

impl Engine {
    /// Runs a claimed sync to its end, unless the lease is lost or the process stops. Every failure ends the sync; an
    /// error here means that the end could not be written, and the lease will expire.
    pub(crate) async fn run(
        &self,
        claim: Claim,
        stop: &CancellationToken,
    ) -> Result<(), store::Error> {
        let span = tracing::info_span!(
            "sync",
            sync_id = %claim.sync.id,
            integration_id = %claim.sync.integration_id,
            organisation_id = claim.sync.organisation_id.as_str(),
            request_id = claim.request_id,
        );
        Box::pin(self.run_in_span(claim, stop).instrument(span)).await
    }

    async fn run_in_span(
        &self,
        claim: Claim,
        stop: &CancellationToken,
    ) -> Result<(), store::Error> {
        let began = Instant::now();
        let hold = self.shared.held.register(claim.lease_token, claim.lease_until);
        let limit = self.limits().sync_deadline + MARGIN;
        let read = tokio::select! {
            read = tokio::time::timeout(limit, self.read_guarded(&claim)) => {
                read.unwrap_or_else(|_| ReadResult::failed(failure::deadline_exceeded(), SyncResult::default()))
            }
            () = hold.lost.cancelled() => {
                tracing::info!("sync stopped: lease lost");
                self.shared.ended.notify_waiters();
                return Ok(());
            }
            () = stop.cancelled() => {
                tracing::info!("sync released for another worker");
                let release = self.store().release_sync(claim.lease_token);
                db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, release).await?;
                return Ok(());
            }
        };
        let events = read.events.clone();
        let (ended, was_written) = match Box::pin(self.conclude(&claim, read)).await {
            Err(error) if !error.is_retryable() => {
                // A defect: reading the tenant again would not help.
                tracing::error!(%error, "writing sync results failed");
                let failed = ReadResult::failed(failure::internal(), SyncResult::default());
                let failed = ReadResult { events, ..failed };
                Box::pin(self.conclude(&claim, failed)).await?
            }
            concluded => concluded?,
        };
        self.shared.ended.notify_waiters();
        let state = ended.result.state();
        if was_written {
            let seconds = began.elapsed().as_secs_f64();
            metrics::counter!("safe_auth0_syncs_total", "state" => state.name()).increment(1);
            metrics::histogram!(SYNC_DURATION_SECONDS).record(seconds);
        }
        tracing::info!(
            state = state.name(),
            calls = ended.result.calls,
            rate_limited = ended.result.rate_limited,
            failure = ended.result.failure.as_ref().map(|failure| failure.code.as_str()),
            was_written,
            "sync ended"
        );
        Ok(())
    }

    /// A panic fails the sync as a defect.
    async fn read_guarded(&self, claim: &Claim) -> ReadResult {
        let read = AssertUnwindSafe(self.read(claim)).catch_unwind().await;
        read.unwrap_or_else(|_| {
            tracing::error!("panic while reading the tenant");
            ReadResult::failed(failure::internal(), SyncResult::default())
        })
    }

    /// Reads the tenant, with no transaction open.
    async fn read(&self, claim: &Claim) -> ReadResult {
        self.record_secret_expiry(claim).await;
        let deadline = self.clock().now() + self.limits().sync_deadline;
        let session = match self.open(claim, deadline).await {
            Ok(session) => session,
            Err((failure, result)) => return ReadResult::failed(failure, result),
        };
        session.remember(claim.pace);
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let reading = async move {
            let on_done = |report: &ReadingReport| {
                // The receiver is gone only if recording failed before.
                let _ = tell.send(report.clone());
            };
            let read = read_permitted(&session, deadline, &on_done).await;
            (session, read)
        };
        let ((session, read), events) = tokio::join!(reading, self.record_readings(claim, told));
        let client_id = claim.integration.settings.client_id.clone();
        let mut tenant = Tenant::new(client_id, self.clock().now());
        let facts = session.token_facts();
        tenant.insert(ReadingKind::TokenFacts, Outcome::Read(Reading::TokenFacts(facts)));
        let mut result = SyncResult::default();
        for (outcome, report) in read {
            tenant.insert(report.reading, outcome);
            result.readings.push(report);
        }
        result.readings.push(token_report());
        result.calls = session.calls();
        result.rate_limited = session.rate_limited();
        let pace = Some(session.pace());
        match failure::nothing_essential_read(&session, &result.readings) {
            Some(failure) => ReadResult { pace, events, ..ReadResult::failed(failure, result) },
            None => ReadResult { result, tenant: Some(Arc::new(tenant)), pace, events },
        }
    }

    /// Promotes the next secret if the tenant refuses the current one and accepts the next.
    async fn open(
        &self,
        claim: &Claim,
        deadline: Timestamp,
    ) -> Result<Session, (Failure, SyncResult)> {
        let secrets = &claim.secrets;
        let Ok(secret) = secrets.current() else {
            return Err((failure::credentials_unreadable(), SyncResult::default()));
        };
        let connection = claim.integration.settings.connection(secret);
        let (who, next) = (claim.sync.id.to_string(), secrets.next.as_ref());
        let organisation = Some(&claim.sync.organisation_id);
        let caller = Caller { name: &who, organisation };
        let freshness = Freshness::CachedRespectingBackoff;
        match self.open_rotating(&connection, next, freshness, caller, deadline).await {
            Ok(OpenedSession { session, by_next }) => {
                if by_next {
                    let promote = self.promote(&claim.integration, secrets, &who);
                    if let Err(error) =
                        db_timeout::with_timeout(db_timeout::STEP_TIMEOUT, promote).await
                    {
                        tracing::warn!(sync_id = who, %error, "promoting the next secret failed; the next sync will retry");
                    }
                }
                Ok(session)
            }
            Err(error) => {
                let (calls, rate_limited) = (error.calls, error.rate_limited);
                let result = SyncResult { calls, rate_limited, ..SyncResult::default() };
                Err((failure::refused(&error), result))
            }
        }
    }

    /// Evaluates and writes. Retries while the database is unavailable, so that the tenant is not read again. False:
    /// the lease was lost, and nothing was written.
    async fn conclude(
        &self,
        claim: &Claim,
        read: ReadResult,
    ) -> Result<(SyncEnd, bool), store::Error> {
        let mut writes = 1;
        loop {
            let outcome = db_timeout::with_timeout(
                db_timeout::FINISH_TIMEOUT,
                self.try_conclude(claim, &read),
            )
            .await;
            match outcome {
                Err(error) if error.is_retryable() && writes < WRITES => {
                    tracing::warn!(sync_id = %claim.sync.id, %error, "writing sync results failed; will retry");
                    writes += 1;
                    tokio::time::sleep(WRITE_AGAIN_AFTER).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_conclude(
        &self,
        claim: &Claim,
        read: &ReadResult,
    ) -> Result<(SyncEnd, bool), store::Error> {
        let ended = match &read.tenant {
            None => SyncEnd { result: read.result.clone(), judged: None },
            Some(tenant) => self.judge(claim, tenant, read.result.clone()).await?,
        };
        let was_written = self.finish(claim, &ended, read).await?;
        Ok((ended, was_written))
    }

    async fn judge(
        &self,
        claim: &Claim,
        tenant: &Arc<Tenant>,
        mut result: SyncResult,
    ) -> Result<SyncEnd, store::Error> {
        let organisation_id = &claim.sync.organisation_id;
        let integration_id = claim.sync.integration_id;
        let now = self.clock().now();
        let mut inputs =
            self.store().evaluation_inputs(organisation_id, integration_id, now).await?;
        if inputs.has_expired_acceptances {
            self.record_expired_acceptances(claim, now).await?;
            inputs = self.store().evaluation_inputs(organisation_id, integration_id, now).await?;
        }
        let EvaluationInputs { policy, former_policy, findings, of_asset, asset: before, .. } =
            inputs;
        let evaluation::TenantEvaluation { evaluation, keep, policy_change } =
            evaluation::evaluate(tenant.clone(), policy.policy, former_policy).await?;
        result.policy_version = Some(policy.version);
        let asset_id = before.as_ref().map_or_else(|| AssetId(self.ids().next()), |a| a.id);
        let occasion = ReconcileContext {
            organisation_id: organisation_id.clone(),
            integration_id,
            asset_id,
            sync_id: claim.sync.id,
            now,
            of_asset,
            policy_change,
        };
        let reconciled = reconcile(findings, tenant, &evaluation, &occasion, self.ids());
        result.checks = coverage::counts(&evaluation);
        result.findings = reconciled.counts;
        result.coverage_percent = coverage::coverage_percent(&result.checks);
        let left = (&evaluation, &reconciled);
        let asset = asset(claim, tenant, left, before.as_ref(), &occasion, &result);
        Ok(SyncEnd { result, judged: Some(Evaluated { asset, reconciled, keep }) })
    }

    async fn finish(
        &self,
        claim: &Claim,
        ended: &SyncEnd,
        read: &ReadResult,
    ) -> Result<bool, store::Error> {
        let now = self.clock().now();
        let details = details(claim, &ended.result, now);
        let finish = Finish {
            org: &claim.sync.organisation_id,
            integration_id: claim.sync.integration_id,
            sync_id: claim.sync.id,
            lease_token: claim.lease_token,
            state: ended.result.state(),
            result: &ended.result,
            finished_at: now,
            message: &message(&ended.result),
            asset: ended.judged.as_ref().map(|judged| &judged.asset),
            reconciled: ended.judged.as_ref().map(|judged| &judged.reconciled),
            keep: ended.judged.as_ref().map(|judged| &judged.keep),
            history_details: &details,
            events: &read.events,
            pace: read.pace.map(|pace| (&claim.integration.settings.api_identifier, pace)),
            health_entry_id: HistoryEntryId(self.ids().next()),
            health_message,
        };
        self.store().finish_sync(finish).await
    }
}
