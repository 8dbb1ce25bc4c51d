//! One sync: read → evaluate → reconcile → apply. No transaction is open while the tenant is read,
//! and the applying transaction re-checks that this worker still holds the sync.

use std::time::Instant;

use auth0::Freshness;
use domain::checks::{self, Evaluation};
use domain::coverage;
use domain::readings::{ActiveUsers, DailyStats, Reading, ReadingKind};
use domain::reconcile::{Occasion, Reconciled, reconcile};
use domain::score;
use domain::sync::{Failure, ReadingReport, SyncResult, SyncState};
use domain::tenant::{Outcome, Tenant};
use domain::{AssetId, SyncId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Asset, Claim, Finish};

use crate::{Engine, failure};

/// What is left when the tenant has been read, or could not be.
struct Ended {
    result: SyncResult,
    judged: Option<Judged>,
}

struct Judged {
    asset: Asset,
    reconciled: Reconciled,
}

impl Engine {
    /// Runs a claimed sync to its end. Every fault is an end of its own kind; an error here means
    /// that the end could not be written, and the lease will run out.
    pub(crate) async fn run(&self, claim: Claim) -> Result<(), store::Error> {
        let (id, began) = (claim.sync.id, Instant::now());
        let ended = tokio::select! {
            ended = self.read_and_judge(&claim) => ended?,
            () = self.lose_lease(&claim) => {
                tracing::warn!(sync_id = %id, "the lease is lost: another worker has the sync");
                return Ok(());
            }
        };
        let state = match ended.result.failure {
            None => SyncState::Succeeded,
            Some(_) => SyncState::Failed,
        };
        let was_written = self.finish(&claim, state, &ended).await?;
        self.shared.ended.notify_waiters();
        let seconds = began.elapsed().as_secs_f64();
        metrics::counter!("safe_auth0_syncs_total", "state" => state.name()).increment(1);
        metrics::histogram!("safe_auth0_sync_duration_seconds").record(seconds);
        tracing::info!(
            sync_id = %id,
            integration_id = %claim.sync.integration_id,
            state = state.name(),
            calls = ended.result.calls,
            rate_limited = ended.result.rate_limited,
            failure = ended.result.failure.as_ref().map(|failure| failure.code.as_str()),
            was_written,
            "sync ended"
        );
        Ok(())
    }

    async fn read_and_judge(&self, claim: &Claim) -> Result<Ended, store::Error> {
        let secret = match &claim.secret {
            Ok(secret) => secret.clone(),
            Err(store::Error::CredentialsUnreadable) => {
                return Ok(failed(failure::credentials_unreadable(), SyncResult::default()));
            }
            Err(error) => {
                tracing::error!(sync_id = %claim.sync.id, %error, "the secret cannot be opened");
                return Ok(failed(failure::internal(), SyncResult::default()));
            }
        };
        let connection = claim.integration.settings.connection(secret);
        let who = claim.sync.id.to_string();
        let session = match self.auth0().open(&connection, Freshness::Cached, &who).await {
            Ok(session) => session,
            Err(error) => {
                let result = SyncResult {
                    calls: error.calls,
                    rate_limited: error.rate_limited,
                    ..SyncResult::default()
                };
                return Ok(failed(failure::refused(&error), result));
            }
        };
        let deadline = self.clock().now() + self.limits().sync_deadline;
        let kinds: Vec<ReadingKind> = ReadingKind::fetched().collect();
        let read = session.read_all(&kinds, deadline, &|_| ()).await;
        let mut tenant = Tenant::new(connection.client_id.clone(), self.clock().now());
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
        match failure::nothing_read(&tenant) {
            Some(failure) => Ok(failed(failure, result)),
            None => self.judge(claim, &tenant, result).await,
        }
    }

    async fn judge(
        &self,
        claim: &Claim,
        tenant: &Tenant,
        mut result: SyncResult,
    ) -> Result<Ended, store::Error> {
        let organisation_id = &claim.sync.organisation_id;
        let integration_id = claim.sync.integration_id;
        let now = self.clock().now();
        let evaluation = checks::evaluate(tenant);
        let known = self.store().known_findings(organisation_id, integration_id).await?;
        let before = self.store().find_asset_of(organisation_id, integration_id).await?;
        let asset_id = before.as_ref().map_or_else(|| AssetId(self.ids().next()), |a| a.id);
        let occasion = Occasion {
            organisation_id: organisation_id.clone(),
            integration_id,
            asset_id,
            sync_id: claim.sync.id,
            now,
        };
        let reconciled = reconcile(known, &evaluation, &occasion, self.ids());
        result.checks = coverage::counts(&evaluation);
        result.findings = reconciled.counts;
        result.coverage_percent = coverage::coverage_percent(&result.checks);
        let asset = asset(claim, tenant, &evaluation, before.as_ref(), &occasion, &result);
        Ok(Ended { result, judged: Some(Judged { asset, reconciled }) })
    }

    async fn finish(
        &self,
        claim: &Claim,
        state: SyncState,
        ended: &Ended,
    ) -> Result<bool, store::Error> {
        let now = self.clock().now();
        let details = details(claim, &ended.result, now);
        let finish = Finish {
            org: &claim.sync.organisation_id,
            integration_id: claim.sync.integration_id,
            sync_id: claim.sync.id,
            lease_token: claim.lease_token,
            state,
            result: &ended.result,
            finished_at: now,
            message: &message(&ended.result),
            asset: ended.judged.as_ref().map(|judged| &judged.asset),
            reconciled: ended.judged.as_ref().map(|judged| &judged.reconciled),
            history_details: &details,
        };
        self.store().finish_sync(finish).await
    }

    /// Extends the lease for as long as it is held; returns when it is lost.
    async fn lose_lease(&self, claim: &Claim) {
        let lease = self.limits().lease;
        loop {
            tokio::time::sleep(lease / 3).await;
            match self.extend_lease(claim.sync.id, claim.lease_token).await {
                Ok(true) => {}
                Ok(false) => return,
                // The database may be back before the lease runs out; the end is re-checked anyway.
                Err(error) => tracing::warn!(sync_id = %claim.sync.id, %error, "no heartbeat"),
            }
        }
    }

    async fn extend_lease(&self, id: SyncId, token: uuid::Uuid) -> Result<bool, store::Error> {
        self.store().extend_lease(id, token, self.clock().now() + self.limits().lease).await
    }
}

fn failed(failure: Failure, mut result: SyncResult) -> Ended {
    result.failure = Some(failure);
    Ended { result, judged: None }
}

fn token_report() -> ReadingReport {
    ReadingReport {
        reading: ReadingKind::TokenFacts,
        outcome: domain::sync::ReadingOutcome::Read,
        reason: None,
        message: None,
        duration_ms: None,
        attempts: 0,
    }
}

fn asset(
    claim: &Claim,
    tenant: &Tenant,
    evaluation: &Evaluation,
    before: Option<&Asset>,
    occasion: &Occasion,
    result: &SyncResult,
) -> Asset {
    let unknown_before = before.map_or(&[][..], |asset| &asset.unknown_checks);
    Asset {
        organisation_id: occasion.organisation_id.clone(),
        id: occasion.asset_id,
        integration_id: occasion.integration_id,
        name: claim.integration.settings.asset_name.clone(),
        tenant_domain: claim.integration.settings.api_audience.domain(),
        score: score::score(evaluation),
        coverage_percent: result.coverage_percent,
        unknown_checks: coverage::unknown_checks(evaluation, unknown_before, occasion.now),
        active_users_30d: tenant.find::<ActiveUsers>().map(|users| users.0.0),
        logins_30d: tenant.find::<DailyStats>().and_then(|stats| logins_30d(stats, occasion.now)),
        evaluated_at: occasion.now,
        sync_id: occasion.sync_id,
    }
}

/// Logins of the last 30 days, today's part included; none when a day is not understood.
fn logins_30d(stats: &DailyStats, now: Timestamp) -> Option<u64> {
    let since = now - SignedDuration::from_hours(30 * 24);
    let mut sum: u64 = 0;
    for day in &stats.0 {
        if *day.date.ok()? >= since {
            sum = sum.saturating_add(day.logins.ok()?.0);
        }
    }
    Some(sum)
}

fn message(result: &SyncResult) -> String {
    if let Some(failure) = &result.failure {
        return failure.message.clone();
    }
    let fetched = result.readings.iter().filter(|r| r.reading != ReadingKind::TokenFacts);
    let is_read = |r: &&ReadingReport| r.outcome == domain::sync::ReadingOutcome::Read;
    let total = fetched.clone().count();
    let read = fetched.filter(is_read).count();
    let findings = &result.findings;
    format!(
        "{read} of {total} resources were read; coverage {} %. Findings: {} opened, {} reopened, \
         {} resolved, {} unchanged.",
        result.coverage_percent.unwrap_or(0),
        findings.opened,
        findings.reopened,
        findings.resolved,
        findings.unchanged,
    )
}

fn details(claim: &Claim, result: &SyncResult, now: Timestamp) -> Value {
    let duration_ms = claim.sync.started_at.map(|at| now.duration_since(at).as_millis());
    let mut details = json!(result);
    details["attempts"] = json!(claim.sync.attempts);
    details["duration_ms"] = json!(duration_ms.and_then(|ms| i64::try_from(ms).ok()));
    details
}
