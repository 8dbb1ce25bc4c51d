//! A sync and its events.

use domain::sync as of;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Timestamp, UnknownReason, wire_enum};

wire_enum! {
    /// State of a sync.
    SyncState of of::SyncState
}

wire_enum! {
    /// State of a sync in SAFE's terms.
    SyncStage of of::Stage
}

wire_enum! {
    /// What triggered the sync.
    SyncTrigger of of::Trigger
}

wire_enum! {
    /// Outcome of a reading. `not_offered`: Auth0 does not offer the feature to this tenant, so its checks
    /// are not applicable.
    ReadingOutcome of of::ReadingOutcome
}

wire_enum! {
    /// Who can fix a failed sync.
    WhoMustAct of of::WhoMustAct
}

/// A sync: one run that reads and evaluates a tenant.
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
    pub id: Uuid,
    pub integration_id: Uuid,
    pub state: SyncState,
    /// The state in SAFE's terms.
    pub stage: SyncStage,
    /// What triggered the sync.
    pub trigger: SyncTrigger,
    /// E-mail address of the user, or `system`.
    pub started_by: String,
    /// When the sync was requested.
    pub queued_at: Timestamp,
    /// When a worker first claimed the sync. Null: not started.
    pub started_at: Option<Timestamp>,
    /// Null: not finished.
    pub finished_at: Option<Timestamp>,
    /// Number of workers that claimed the sync.
    pub attempts: u32,
    /// Number of requests sent to the tenant, including token requests.
    pub calls: u32,
    /// Number of 429 responses from the tenant.
    pub rate_limited: u32,
    /// Outcome of each reading. Empty until the sync ends.
    pub readings: Vec<ReadingReport>,
    /// Number of checks by result. After a successful sync the counts add up to the whole catalogue.
    pub checks: CheckCounts,
    /// Number of findings by effect of the sync.
    pub findings: FindingCounts,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Version of the organisation's policy used. 0: no policy was set. Null: no evaluation took place, or
    /// the sync is older than this field.
    #[schema(minimum = 0)]
    pub policy_version: Option<i64>,
    /// Null: the sync did not fail.
    pub failure: Option<SyncFailure>,
}

/// Outcome of one reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingReport {
    /// Name of the reading. New ones may be added.
    #[schema(example = "brute_force_protection")]
    pub reading: &'static str,
    pub outcome: ReadingOutcome,
    /// Why the reading failed. Absent: it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<UnknownReason>,
    /// Human-readable message. Absent: it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message: Option<String>,
    /// Duration in milliseconds, without waiting for the rate limit. Null: no request was sent.
    pub duration_ms: Option<u64>,
    /// Number of requests sent.
    pub attempts: u32,
}

/// Event: the state of the sync changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncStateEvent {
    pub sync_id: Uuid,
    pub state: SyncState,
    /// The state in SAFE's terms.
    pub stage: SyncStage,
    /// Number of workers that claimed the sync.
    pub attempts: u32,
    pub at: Timestamp,
}

impl SyncStateEvent {
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

/// Event: one reading ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncReadingEvent {
    #[serde(flatten)]
    pub report: ReadingReport,
    pub at: Timestamp,
}

impl SyncReadingEvent {
    pub fn new(report: &of::ReadingReport, at: jiff::Timestamp) -> Self {
        Self { report: report.clone().into(), at: at.into() }
    }
}

/// Event: the client secret in use at the start of the sync expires within 30 days or has expired.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecretExpiresEvent {
    /// The stage reached: 30, 14, 7 or 1 days or fewer remained; 0: expired.
    pub days: u8,
    /// When the stage was reached.
    pub since: Timestamp,
    pub expires_at: Timestamp,
    /// Whether a next secret was stored.
    pub next_set: bool,
    /// Human-readable message with advice.
    pub message: String,
    pub at: Timestamp,
}

impl SecretExpiresEvent {
    pub fn new(event: &store::SecretExpires, at: jiff::Timestamp) -> Self {
        let store::SecretExpires { expires_at, reminder, next_set } = *event;
        Self {
            days: reminder.days,
            since: reminder.since.into(),
            expires_at: expires_at.into(),
            next_set,
            message: engine::expiry_message(reminder, expires_at, next_set),
            at: at.into(),
        }
    }
}

/// Number of checks by result.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCounts {
    pub passed: u32,
    pub failed: u32,
    pub unknown: u32,
    pub not_applicable: u32,
    pub not_enabled: u32,
}

/// Number of findings by effect of one sync. `unchanged`: failing before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingCounts {
    pub opened: u32,
    pub resolved: u32,
    pub reopened: u32,
    pub unchanged: u32,
}

/// Why a sync failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncFailure {
    /// A step code of a connection test, or `forbidden`, `deadline_exceeded`, `cancelled`,
    /// `credentials_unreadable`, `internal`.
    pub code: String,
    pub who_must_act: WhoMustAct,
    /// Human-readable message.
    pub message: String,
    /// True if a later sync can succeed without any change.
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
            failure: result.failure.map(SyncFailure::from),
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

impl From<of::Failure> for SyncFailure {
    fn from(failure: of::Failure) -> Self {
        Self {
            code: failure.code,
            who_must_act: failure.who_must_act.into(),
            message: failure.message,
            retryable: failure.retryable,
        }
    }
}
