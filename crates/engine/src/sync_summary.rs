//! What users see of a finished sync: the asset, and the messages and details of its history entries.

use domain::checks::Evaluation;
use domain::coverage;
use domain::health::HealthChange;
use domain::readings::{ActiveUsers, DailyStats, ReadingKind};
use domain::reconcile::{Changes, ReconcileContext};
use domain::score::ScoreInputs;
use domain::sync::{ReadingOutcome, ReadingReport, SyncResult};
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Asset, Claim};

pub fn token_report() -> ReadingReport {
    ReadingReport {
        reading: ReadingKind::TokenFacts,
        outcome: ReadingOutcome::Read,
        reason: None,
        message: None,
        duration_ms: None,
        attempts: 0,
        cause: None,
    }
}

pub fn asset(
    claim: &Claim,
    tenant: &Tenant,
    (evaluation, reconciled): (&Evaluation, &Changes),
    before: Option<&Asset>,
    occasion: &ReconcileContext,
    result: &SyncResult,
) -> Asset {
    let unknown_before = before.map_or(&[][..], |asset| &asset.unknown_checks);
    Asset {
        organisation_id: occasion.organisation_id.clone(),
        id: occasion.asset_id,
        integration_id: occasion.integration_id,
        name: claim.integration.settings.asset_name.clone(),
        tenant_domain: claim.integration.settings.api_audience.domain(),
        score_basis: Some(ScoreInputs::from_evaluation(evaluation, &reconciled.findings)),
        coverage_percent: result.coverage_percent,
        unknown_checks: coverage::unknown_checks(evaluation, unknown_before, occasion.now),
        active_users_30d: tenant.find::<ActiveUsers>().map(|users| users.0.0),
        logins_30d: tenant.find::<DailyStats>().and_then(|stats| logins_30d(stats, occasion.now)),
        evaluated_at: occasion.now,
        sync_id: occasion.sync_id,
    }
}

/// Logins of the last 30 days, including today. None: a day is not understood.
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

pub fn message(result: &SyncResult) -> String {
    if let Some(failure) = &result.failure {
        return failure.message.clone();
    }
    let fetched = result.readings.iter().filter(|r| r.reading != ReadingKind::TokenFacts);
    let is_read = |r: &&ReadingReport| r.outcome == ReadingOutcome::Read;
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

/// The message of a change of health in the history.
pub fn health_message(change: HealthChange) -> &'static str {
    match change {
        HealthChange::Warned => {
            "Every sync has failed for days. Scheduled syncs will be paused if it goes on."
        }
        HealthChange::Paused => {
            "Every sync has failed for a week, so scheduled syncs are paused. Fix the cause and press \
             Sync Now, or change the integration."
        }
        HealthChange::Resumed => "A sync succeeded, so scheduled syncs were resumed.",
    }
}

pub fn details(claim: &Claim, result: &SyncResult, now: Timestamp) -> Value {
    let duration_ms = claim.sync.started_at.map(|at| now.duration_since(at).as_millis());
    let mut details = json!(result);
    details["attempts"] = json!(claim.sync.attempts);
    details["duration_ms"] = json!(duration_ms.and_then(|ms| i64::try_from(ms).ok()));
    details
}
