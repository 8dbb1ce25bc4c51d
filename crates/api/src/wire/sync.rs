//! A sync.

use domain::sync as of;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Timestamp, UnknownReason, wire_enum};

wire_enum! {
    /// Where a sync stands.
    SyncState of of::SyncState { Queued, Running, Succeeded, Failed, Cancelled }
}

wire_enum! {
    /// SAFE's word for where it stands.
    Stage of of::Stage { Started, InProgress, Completed, Failed }
}

wire_enum! {
    /// What asked for it.
    Trigger of of::Trigger { OnDemand, Scheduled }
}

wire_enum! {
    /// How a reading ended. `not_offered`: Auth0 does not offer it to this tenant, so its checks do
    /// not apply.
    ReadingOutcome of of::ReadingOutcome { Read, Unreadable, NotOffered }
}

wire_enum! {
    /// Who can mend a failed sync.
    WhoMustAct of of::WhoMustAct { Customer, Safe, Auth0 }
}

/// One reading of a tenant, from request to end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "state": "succeeded", "stage": "completed", "trigger": "on_demand", "started_by": "ada@acme.example",
    "queued_at": "2026-11-24T06:00:00.000000Z", "started_at": "2026-11-24T06:00:00.200000Z", "finished_at": "2026-11-24T06:00:01.100000Z",
    "attempts": 1, "calls": 13, "rate_limited": 0,
    "readings": [
        {"reading": "brute_force_protection", "outcome": "read", "duration_ms": 48, "attempts": 1},
        {"reading": "bot_detection", "outcome": "unreadable", "reason": "plan_unavailable", "message": "The tenant's plan does not include this feature.", "duration_ms": 44, "attempts": 1}
    ],
    "checks": {"passed": 50, "failed": 4, "unknown": 9, "not_applicable": 6, "not_enabled": 54},
    "findings": {"opened": 4, "resolved": 0, "reopened": 0, "unchanged": 0},
    "coverage_percent": 85, "policy_version": 0, "failure": null
}))]
pub struct Sync {
    /// Its id.
    pub id: Uuid,
    /// Of which integration.
    pub integration_id: Uuid,
    /// Where it stands.
    pub state: SyncState,
    /// SAFE's word for it.
    pub stage: Stage,
    /// What asked for it.
    pub trigger: Trigger,
    /// The user's e-mail, or `system`.
    pub started_by: String,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When a worker took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many workers took it.
    pub attempts: u32,
    /// Requests sent to the tenant, the token's included.
    pub calls: u32,
    /// Answers that limited our rate.
    pub rate_limited: u32,
    /// What became of each reading; empty until it ends.
    pub readings: Vec<ReadingReport>,
    /// Checks by result; every check of the catalogue is in exactly one once it has succeeded.
    pub checks: CheckCounts,
    /// Findings by what happened to them.
    pub findings: FindingCounts,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down; null when nothing was judged.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// By which version of the organisation's policy it judged; 0: none was ever set. Null when nothing was
    /// judged, and of syncs before this was noted.
    #[schema(minimum = 0)]
    pub policy_version: Option<i64>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// What became of one reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingReport {
    /// Which. New kinds may be added.
    #[schema(example = "brute_force_protection")]
    pub reading: &'static str,
    /// How it ended.
    pub outcome: ReadingOutcome,
    /// Why it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<UnknownReason>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Milliseconds, waiting for our turn not counted; null when it was not called.
    pub duration_ms: Option<u64>,
    /// Requests sent for it.
    pub attempts: u32,
}

/// An event: the sync is in another state.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncStateEvent {
    /// The sync.
    pub sync_id: Uuid,
    /// Where it stands.
    pub state: SyncState,
    /// SAFE's word for it.
    pub stage: Stage,
    /// How many workers took it.
    pub attempts: u32,
    /// When.
    pub at: Timestamp,
}

impl SyncStateEvent {
    /// Of a change of state.
    pub fn new(
        id: domain::SyncId,
        state: of::SyncState,
        attempts: u32,
        at: jiff::Timestamp,
    ) -> Self {
        Self {
            sync_id: id.0,
            state: state.into(),
            stage: state.stage().into(),
            attempts,
            at: at.into(),
        }
    }
}

/// An event: one kind of resource was read, or could not be.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncReadingEvent {
    /// What became of it.
    #[serde(flatten)]
    pub report: ReadingReport,
    /// When.
    pub at: Timestamp,
}

impl SyncReadingEvent {
    /// Of a reading that ended.
    pub fn new(report: &of::ReadingReport, at: jiff::Timestamp) -> Self {
        Self { report: report.clone().into(), at: at.into() }
    }
}

/// An event: the client secret that the sync began with expires within 30 days, or has expired.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecretExpiresEvent {
    /// The nearest of 30, 14, 7, 1 and 0 that was reached: so many days or fewer were left; 0 when it had
    /// expired.
    pub days: u8,
    /// When this stage was reached.
    pub since: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether a next secret waited to take its place.
    pub next_set: bool,
    /// In words, with what to do.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

impl SecretExpiresEvent {
    /// Of what a sync told.
    pub fn new(told: &store::SecretExpires, at: jiff::Timestamp) -> Self {
        let store::SecretExpires { expires_at, reminder, next_set } = *told;
        Self {
            days: reminder.days,
            since: reminder.since.into(),
            expires_at: expires_at.into(),
            next_set,
            message: reminder.message(expires_at, next_set),
            at: at.into(),
        }
    }
}

/// Checks by result.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCounts {
    pub passed: u32,
    pub failed: u32,
    pub unknown: u32,
    pub not_applicable: u32,
    pub not_enabled: u32,
}

/// Findings by what one sync did to them. `unchanged`: failing before and still.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingCounts {
    pub opened: u32,
    pub resolved: u32,
    pub reopened: u32,
    pub unchanged: u32,
}

/// Why a sync failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// A step code of a connection test, or `forbidden`, `deadline_exceeded`, `cancelled`,
    /// `credentials_unreadable`, `internal`.
    pub code: String,
    /// Who can mend it.
    pub who_must_act: WhoMustAct,
    /// In words.
    pub message: String,
    /// Whether trying again later can help by itself.
    pub retryable: bool,
}

impl From<of::Sync> for Sync {
    fn from(sync: of::Sync) -> Self {
        let result = sync.result;
        Self {
            id: sync.id.0,
            integration_id: sync.integration_id.0,
            state: sync.state.into(),
            stage: sync.state.stage().into(),
            trigger: sync.trigger.into(),
            started_by: sync.started_by,
            queued_at: sync.queued_at.into(),
            started_at: sync.started_at.map(Timestamp),
            finished_at: sync.finished_at.map(Timestamp),
            attempts: sync.attempts,
            calls: result.calls,
            rate_limited: result.rate_limited,
            readings: result.readings.into_iter().map(ReadingReport::from).collect(),
            checks: result.checks.into(),
            findings: result.findings.into(),
            coverage_percent: result.coverage_percent,
            policy_version: result.policy_version,
            failure: result.failure.map(Failure::from),
        }
    }
}

impl From<of::ReadingReport> for ReadingReport {
    fn from(report: of::ReadingReport) -> Self {
        Self {
            reading: report.reading.name(),
            outcome: report.outcome.into(),
            reason: report.reason.map(UnknownReason::from),
            message: report.message,
            duration_ms: report.duration_ms,
            attempts: report.attempts,
        }
    }
}

impl From<of::CheckCounts> for CheckCounts {
    fn from(counts: of::CheckCounts) -> Self {
        let of::CheckCounts { passed, failed, unknown, not_applicable, not_enabled } = counts;
        Self { passed, failed, unknown, not_applicable, not_enabled }
    }
}

impl From<of::FindingCounts> for FindingCounts {
    fn from(counts: of::FindingCounts) -> Self {
        let of::FindingCounts { opened, resolved, reopened, unchanged } = counts;
        Self { opened, resolved, reopened, unchanged }
    }
}

impl From<of::Failure> for Failure {
    fn from(failure: of::Failure) -> Self {
        Self {
            code: failure.code,
            who_must_act: failure.who_must_act.into(),
            message: failure.message,
            retryable: failure.retryable,
        }
    }
}
