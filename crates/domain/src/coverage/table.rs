//! The coverage table of one sync: every reading, every check, and the scopes that would enable more.
//! Computed from the recorded evaluation, so that it agrees with the sync.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{self, Check};
use crate::coverage::ScopeReport;
use crate::inconclusive::UnknownReason;
use crate::readings::{Need, Part, ReadingKind};
use crate::recorded_evaluation::{RecordedEvaluation, RecordedResult};
use crate::scope::Scopes;
use crate::snapshot::Snapshot;
use crate::sync::{ReadingOutcome, ReadingReport};

#[derive(Debug, Clone)]
pub struct Table {
    /// None: the token response had no scopes, or the snapshot was too large to store.
    pub scopes: Option<ScopeReport>,
    pub readings: Vec<ReadingLine>,
    /// Checks of the catalogue first.
    pub checks: Vec<CheckLine>,
}

/// Outcome of one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingLine {
    pub reading: ReadingKind,
    /// None: not fetched, because its optional scope is not granted.
    pub outcome: Option<ReadingOutcome>,
    pub reason: Option<UnknownReason>,
    /// Human-readable message.
    pub message: Option<String>,
}

/// Result of one check.
#[derive(Debug, Clone)]
pub struct CheckLine {
    pub check_id: String,
    /// None: the check is no longer in the catalogue.
    pub check: Option<&'static Check>,
    pub result: LineResult,
    /// Scopes that would enable the check.
    pub scopes: Vec<&'static str>,
}

/// Result of a check, or why it did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineResult {
    Judged(RecordedResult),
    /// The check's optional scopes were not granted.
    NotEnabled,
    /// The policy disabled the check.
    Disabled,
    /// The check is newer than the sync.
    NotAskedYet,
}

impl Table {
    /// Builds the table from a recorded evaluation and reading reports.
    pub fn build(judgement: &RecordedEvaluation, reports: &[ReadingReport]) -> Self {
        let granted = judgement.snapshot.as_ref().and_then(Snapshot::scopes);
        let reports: BTreeMap<ReadingKind, &ReadingReport> =
            reports.iter().map(|report| (report.reading, report)).collect();
        let lacks_scope = |kind: &ReadingKind| match reports.get(kind) {
            Some(report) => report.reason == Some(UnknownReason::MissingScope),
            None => kind.need() == Need::Optional,
        };
        Self {
            scopes: granted.as_ref().map(ScopeReport::from),
            readings: ReadingKind::ALL.iter().map(|kind| line(*kind, &reports)).collect(),
            checks: check_lines(judgement, granted.as_ref(), lacks_scope),
        }
    }
}

fn line(kind: ReadingKind, reports: &BTreeMap<ReadingKind, &ReadingReport>) -> ReadingLine {
    let report = reports.get(&kind);
    ReadingLine {
        reading: kind,
        outcome: report.map(|report| report.outcome),
        reason: match report {
            Some(report) => report.reason,
            None => Some(UnknownReason::MissingScope),
        },
        message: report.and_then(|report| report.message.clone()),
    }
}

fn check_lines(
    judgement: &RecordedEvaluation,
    granted: Option<&Scopes>,
    lacks_scope: impl Fn(&ReadingKind) -> bool,
) -> Vec<CheckLine> {
    let results = &judgement.results;
    let of_readings = |check: &Check| {
        let lacking = check.reads.iter().filter(|kind| lacks_scope(kind));
        lacking.filter_map(|kind| kind.scope()).collect::<BTreeSet<_>>()
    };
    let of_parents = |check: &Check| check.parents().flat_map(of_readings).collect();
    let missing = |check: &Check| {
        let mut scopes = of_readings(check);
        match granted {
            Some(granted) => scopes.extend(check.missing_optional_scopes(granted)),
            // Without a stored snapshot, the missing scope may be that of a part.
            None => scopes.extend(check.parts().map(Part::scope)),
        }
        if scopes.is_empty() { of_parents(check) } else { scopes }
    };
    let recorded: BTreeMap<&str, RecordedResult> =
        results.checks.iter().map(|check| (check.check_id.as_str(), check.overall)).collect();
    let known = checks::all().map(|check| {
        let result = match recorded.get(check.id) {
            Some(recorded) => LineResult::Judged(*recorded),
            None if results.disabled.iter().any(|id| id == check.id) => LineResult::Disabled,
            None if results.not_enabled.iter().any(|id| id == check.id) => LineResult::NotEnabled,
            None => LineResult::NotAskedYet,
        };
        let scopes = match result {
            LineResult::Judged(RecordedResult::Unknown { reason: UnknownReason::MissingScope })
            | LineResult::NotEnabled => missing(check),
            LineResult::Judged(RecordedResult::Unknown { .. }) | LineResult::NotAskedYet => {
                of_readings(check)
            }
            LineResult::Judged(_) | LineResult::Disabled => BTreeSet::new(),
        };
        let scopes = scopes.into_iter().collect();
        CheckLine { check_id: check.id.to_owned(), check: Some(check), result, scopes }
    });
    let gone = results.checks.iter().filter(|check| checks::find(&check.check_id).is_none());
    let gone = gone.map(|check| CheckLine {
        check_id: check.check_id.clone(),
        check: None,
        result: LineResult::Judged(check.overall),
        scopes: Vec::new(),
    });
    known.chain(gone).collect()
}
