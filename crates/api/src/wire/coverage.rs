//! What the last successful sync could see and judge.

use domain::connection_test::ScopeReport;
use domain::coverage::table::{CheckLine, LineResult, ReadingLine, Table};
use domain::readings::Part;
use domain::recorded_evaluation::RecordedResult;
use domain::sync::ReadingReport;
use serde::Serialize;
use store::JudgedSync;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::connection_test::Scopes;
use super::finding::not_applicable_text;
use super::sync::CheckCounts;
use super::{Severity, UnknownReason, sync};

/// What the last successful sync could see and judge, line by line.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name is that of syncs and assets")]
pub struct Coverage {
    /// When the tenant was seen; null before the first successful sync.
    pub evaluated_at: Option<Timestamp>,
    /// The sync; null before the first successful one.
    pub sync_id: Option<Uuid>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down; null when nothing was judged.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Checks by result; null before the first successful sync.
    pub counts: Option<CheckCounts>,
    /// What the token may do; null when that is not known.
    pub scopes: Option<Scopes>,
    /// Every kind of reading.
    pub readings: Vec<ReadingCoverage>,
    /// Every check.
    pub checks: Vec<CheckCoverage>,
    /// What to know of the above, such as that there was no sync yet.
    pub message: Option<&'static str>,
}

/// What became of one kind of reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingCoverage {
    /// Which. New kinds may be added.
    #[schema(example = "brute_force_protection")]
    pub reading: &'static str,
    /// How it ended.
    pub outcome: CoverageOutcome,
    /// Why it was not read.
    pub reason: Option<UnknownReason>,
    /// In words.
    pub message: Option<String>,
    /// The scope that it needs; null for the facts of our own token.
    pub scope: Option<&'static str>,
    /// The members of its objects that take a scope of their own.
    pub parts: Vec<PartCoverage>,
}

/// Members that Auth0 gives with a scope of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartCoverage {
    /// Of each object.
    #[schema(example = "options")]
    pub member: &'static str,
    /// Any one of these brings it; the first is the one to grant.
    pub scopes: Vec<&'static str>,
    /// Whether the token has one of them; null when its scopes are not known. A tenant that Auth0 has not
    /// migrated yet gives the member without.
    pub granted: Option<bool>,
}

/// How a reading ended. `not_fetched`: its optional scope is not granted.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageOutcome {
    Read,
    Unreadable,
    NotOffered,
    NotFetched,
}

/// What one check said.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCoverage {
    /// Which.
    pub check_id: String,
    /// What it is about; null when the check has left the catalogue.
    pub title: Option<&'static str>,
    /// What it said of the worst resource.
    pub result: CoverageResult,
    /// How bad that is; of a failure.
    pub severity: Option<Severity>,
    /// Why it said nothing.
    #[schema(example = "missing_scope")]
    pub reason: Option<&'static str>,
    /// The readings that it uses.
    pub readings: Vec<&'static str>,
    /// The scopes that would bring it.
    pub scopes: Vec<&'static str>,
}

/// What a check said. `not_enabled`: its optional scopes are not granted. `not_asked_yet`: it is
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

const NO_SYNC_YET: &str = "No sync has succeeded yet, or none since coverage is kept: start one.";
const SNAPSHOT_TOO_LARGE: &str = "What the sync saw was too large to keep, so the scopes are not \
    known here; a connection test shows them.";

impl Coverage {
    /// Before the first successful sync.
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

    /// Of a sync and its reports.
    pub fn new(sync: &JudgedSync, reports: &[ReadingReport]) -> Self {
        let Some(judgement) = &sync.judgement else { return Self::none() };
        let Table { scopes, readings, checks } = Table::of(judgement, reports);
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
        let outcome = match line.outcome.map(sync::ReadingOutcome::from) {
            Some(sync::ReadingOutcome::Read) => CoverageOutcome::Read,
            Some(sync::ReadingOutcome::Unreadable) => CoverageOutcome::Unreadable,
            Some(sync::ReadingOutcome::NotOffered) => CoverageOutcome::NotOffered,
            None => CoverageOutcome::NotFetched,
        };
        Self {
            reading: line.reading.name(),
            outcome,
            reason: line.reason.map(UnknownReason::from),
            message: line.message,
            scope: line.reading.scope(),
            parts: Part::of(line.reading).map(|part| PartCoverage::new(part, granted)).collect(),
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
            LineResult::Judged(recorded) => judged(recorded),
            LineResult::NotEnabled => (CoverageResult::NotEnabled, None, Some("missing_scope")),
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

fn judged(recorded: RecordedResult) -> (CoverageResult, Option<Severity>, Option<&'static str>) {
    match recorded {
        RecordedResult::Pass => (CoverageResult::Pass, None, None),
        RecordedResult::Fail { severity } => (CoverageResult::Fail, Some(severity.into()), None),
        RecordedResult::Unknown { reason } => (CoverageResult::Unknown, None, Some(reason.name())),
        RecordedResult::NotApplicable { reason } => {
            (CoverageResult::NotApplicable, None, Some(not_applicable_text(reason)))
        }
    }
}
