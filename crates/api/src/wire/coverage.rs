//! Coverage: what the latest successful sync read and evaluated.

use domain::coverage::ScopeReport;
use domain::coverage::table::{CheckLine, LineResult, ReadingLine, Table};
use domain::inconclusive::NotApplicableReason;
use domain::readings::Part;
use domain::recorded_evaluation::RecordedResult;
use domain::sync::{ReadingOutcome, ReadingReport};
use serde::Serialize;
use store::JudgedSync;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::connection_test::Scopes;
use super::sync::CheckCounts;
use super::{Severity, UnknownReason};

/// What the latest successful sync read and evaluated, by reading and by check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "evaluated_at": "2026-11-24T06:00:01.000000Z", "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "coverage_percent": 85,
    "counts": {"passed": 50, "failed": 4, "unknown": 9, "not_applicable": 6, "not_enabled": 54},
    "scopes": {"granted": ["read:attack_protection"], "missing_required": [], "missing_optional": ["read:clients"], "unneeded": []},
    "readings": [{"reading": "bot_detection", "outcome": "unreadable", "reason": "plan_unavailable",
        "message": "The tenant's plan does not include this feature.", "scope": "read:attack_protection", "parts": []}],
    "checks": [{"check_id": "bot-detection-off", "title": "Bot detection is off", "result": "unknown", "severity": null,
        "reason": "plan_unavailable", "readings": ["bot_detection"], "scopes": []}],
    "message": null
}))]
#[expect(clippy::struct_field_names, reason = "the name is that of syncs and assets")]
pub struct Coverage {
    /// When the tenant was read. Null: no sync has succeeded yet.
    pub evaluated_at: Option<Timestamp>,
    /// Null: no sync has succeeded yet.
    pub sync_id: Option<Uuid>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Number of checks by result. Null: no sync has succeeded yet.
    pub counts: Option<CheckCounts>,
    /// Scopes of the access token. Null: not known.
    pub scopes: Option<Scopes>,
    /// All readings.
    pub readings: Vec<ReadingCoverage>,
    /// All checks.
    pub checks: Vec<CheckCoverage>,
    /// Explains why data is missing, for example that no sync has succeeded yet.
    pub message: Option<&'static str>,
}

/// Outcome of one reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingCoverage {
    /// Name of the reading. New ones may be added.
    #[schema(example = "brute_force_protection")]
    pub reading: &'static str,
    pub outcome: CoverageOutcome,
    /// Why the reading failed. Null: it was read.
    pub reason: Option<UnknownReason>,
    /// Human-readable message.
    pub message: Option<String>,
    /// Scope that the reading needs. Null: it is taken from the access token itself.
    pub scope: Option<&'static str>,
    /// Members of its objects that need a separate scope.
    pub parts: Vec<PartCoverage>,
}

/// A member of an Auth0 object that needs a separate scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartCoverage {
    /// Name of the member.
    #[schema(example = "options")]
    pub member: &'static str,
    /// Any one of these scopes suffices; grant the first one.
    pub scopes: Vec<&'static str>,
    /// Whether the token has one of these scopes. Null: its scopes are not known. A tenant that Auth0 has
    /// not migrated yet returns the member without the scope.
    pub granted: Option<bool>,
}

/// Outcome of a reading. `not_fetched`: its optional scope is not granted.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageOutcome {
    Read,
    Unreadable,
    NotOffered,
    NotFetched,
}

/// Result of one check.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCoverage {
    pub check_id: String,
    /// Null: the check is no longer in the catalogue.
    pub title: Option<&'static str>,
    /// Result for the worst resource.
    pub result: CoverageResult,
    /// Severity of a failure; otherwise null.
    pub severity: Option<Severity>,
    /// Why the result is not conclusive; otherwise null.
    #[schema(example = "missing_scope")]
    pub reason: Option<&'static str>,
    /// Readings that the check uses.
    pub readings: Vec<&'static str>,
    /// Scopes that would enable the check.
    pub scopes: Vec<&'static str>,
}

/// Result of a check. `not_enabled`: its optional scopes are not granted, or the policy disables it. `not_asked_yet`: the check is
/// newer than the sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageResult {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
    NotEnabled,
    NotAskedYet,
}

const NO_SYNC_YET: &str =
    "No sync has succeeded yet, or none since coverage is stored. Start a sync.";
const SNAPSHOT_TOO_LARGE: &str = "The snapshot of the sync was too large to store, so its scopes are \
    unknown. A connection test shows them.";

impl Coverage {
    /// Coverage before the first successful sync.
    pub fn none() -> Self {
        Self {
            evaluated_at: None,
            sync_id: None,
            coverage_percent: None,
            counts: None,
            scopes: None,
            readings: Vec::new(),
            checks: Vec::new(),
            message: Some(NO_SYNC_YET),
        }
    }

    /// Coverage of a sync and its reading reports.
    pub fn new(sync: &JudgedSync, reports: &[ReadingReport]) -> Self {
        let Some(judgement) = &sync.judgement else { return Self::none() };
        let Table { scopes, readings, checks } = Table::build(judgement, reports);
        let granted = scopes.as_ref().map(|report| report.granted.as_slice());
        Self {
            evaluated_at: Some(sync.score.observed_at.into()),
            sync_id: Some(sync.score.sync_id.0),
            coverage_percent: sync.score.coverage_percent,
            counts: Some(sync.score.checks.into()),
            scopes: scopes.as_ref().map(|report: &ScopeReport| Scopes::from(report)),
            readings: readings
                .into_iter()
                .map(|line| ReadingCoverage::new(line, granted))
                .collect(),
            checks: checks.into_iter().map(CheckCoverage::from).collect(),
            message: judgement.snapshot.is_none().then_some(SNAPSHOT_TOO_LARGE),
        }
    }
}

impl ReadingCoverage {
    fn new(line: ReadingLine, granted: Option<&[String]>) -> Self {
        let outcome = match line.outcome {
            Some(ReadingOutcome::Read) => CoverageOutcome::Read,
            Some(ReadingOutcome::Unreadable) => CoverageOutcome::Unreadable,
            Some(ReadingOutcome::NotOffered) => CoverageOutcome::NotOffered,
            None => CoverageOutcome::NotFetched,
        };
        Self {
            reading: line.reading.name(),
            outcome,
            reason: line.reason.map(UnknownReason::from),
            message: line.message,
            scope: line.reading.scope(),
            parts: Part::for_kind(line.reading)
                .map(|part| PartCoverage::new(part, granted))
                .collect(),
        }
    }
}

impl PartCoverage {
    fn new(part: &'static Part, granted: Option<&[String]>) -> Self {
        let is_granted =
            |granted: &[String]| granted.iter().any(|scope| part.scopes.contains(&scope.as_str()));
        Self { member: part.member, scopes: part.scopes.to_vec(), granted: granted.map(is_granted) }
    }
}

impl From<CheckLine> for CheckCoverage {
    fn from(line: CheckLine) -> Self {
        let (result, severity, reason) = match line.result {
            LineResult::Judged(recorded) => check_result(recorded),
            LineResult::NotEnabled => (CoverageResult::NotEnabled, None, Some("missing_scope")),
            LineResult::Disabled => (
                CoverageResult::NotEnabled,
                None,
                Some(NotApplicableReason::DisabledByPolicy.name()),
            ),
            LineResult::NotAskedYet => (CoverageResult::NotAskedYet, None, None),
        };
        let reads = line.check.map_or(&[][..], |check| check.reads);
        Self {
            check_id: line.check_id,
            title: line.check.map(|check| check.title),
            result,
            severity,
            reason,
            readings: reads.iter().map(|kind| kind.name()).collect(),
            scopes: line.scopes,
        }
    }
}

fn check_result(
    recorded: RecordedResult,
) -> (CoverageResult, Option<Severity>, Option<&'static str>) {
    match recorded {
        RecordedResult::Pass => (CoverageResult::Pass, None, None),
        RecordedResult::Fail { severity } => (CoverageResult::Fail, Some(severity.into()), None),
        RecordedResult::Unknown { reason } => (CoverageResult::Unknown, None, Some(reason.name())),
        RecordedResult::NotApplicable { reason } => {
            (CoverageResult::NotApplicable, None, Some(reason.name()))
        }
    }
}
