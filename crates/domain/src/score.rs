//! The score of a tenant: `round(100 × Σw(pass) ÷ Σw(pass + fail + parent_failed))`, where each check counts once
//! with its worst resource. A failure accepted as compensated or as a false positive counts as a pass, so the score
//! depends on the time of the request: a sync stores [`ScoreInputs`], and a reader computes the score from them.
//!
//! An outage never raises the score: an open finding without a conclusive result counts as failing until it is
//! evaluated again, and still hides what it hid.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::checks::{Check, CheckOutcome, CheckResult, Evaluation, Severity};
use crate::finding::{Finding, FindingState, LastResult};
use crate::inconclusive::NotApplicableReason;

const fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 40,
        Severity::High => 20,
        Severity::Medium => 8,
        Severity::Low => 3,
        Severity::Info => 0,
    }
}

/// The inputs of the score of one evaluation, independent of later acceptances.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScoreInputs(Vec<CheckScore>);

/// A check that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CheckScore {
    check: String,
    /// Weight of a pass.
    severity: Severity,
    /// Failures by resource, including those hidden by a failing parent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failing: BTreeMap<String, Severity>,
    /// True if other resources are unknown and none of them is open: without failures the check does not
    /// count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unknown: bool,
}

impl ScoreInputs {
    /// Builds the inputs from an evaluation and the resulting findings. Checks that are inconclusive and
    /// have no open finding are left out; coverage shows them.
    pub fn from_evaluation<'a>(
        evaluation: &'a Evaluation,
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> Self {
        let open = OpenFindings::from_findings(evaluation, findings);
        let judged = evaluation
            .outcomes
            .iter()
            .filter_map(|outcome| CheckScore::from_outcome(outcome, &open));
        let not_enabled = evaluation.not_enabled.iter();
        Self(
            judged
                .chain(not_enabled.filter_map(|check| CheckScore::without(check, &open)))
                .collect(),
        )
    }

    /// The score from 0 to 100; none if no check counts. `is_waived` says, by check id and resource, which
    /// acceptances count as a pass.
    pub fn score(&self, is_waived: impl Fn(&str, &str) -> bool) -> Option<u8> {
        let (mut passed, mut judged) = (0, 0);
        for line in &self.0 {
            let left =
                line.failing.iter().filter(|(resource, _)| !is_waived(&line.check, resource));
            match left.map(|(_, severity)| *severity).max() {
                Some(worst) => judged += weight(worst),
                None if line.unknown => {}
                None => {
                    passed += weight(line.severity);
                    judged += weight(line.severity);
                }
            }
        }
        let rounded = (200 * passed + judged).checked_div(2 * judged)?;
        u8::try_from(rounded).ok()
    }
}

/// Open findings by check and resource, with their severity.
struct OpenFindings<'a> {
    evaluation: &'a Evaluation,
    severities: BTreeMap<&'a str, BTreeMap<&'a str, Severity>>,
    /// Checks without a conclusive result that have an open finding.
    unjudged: BTreeSet<&'a str>,
}

impl<'a> OpenFindings<'a> {
    fn from_findings(
        evaluation: &'a Evaluation,
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> Self {
        let mut open = Self { evaluation, severities: BTreeMap::new(), unjudged: BTreeSet::new() };
        for finding in findings.into_iter().filter(|each| each.state == FindingState::Open) {
            let check = finding.key.check_id.as_str();
            match finding.result {
                LastResult::Fail => {}
                LastResult::Unknown(_) => {
                    open.unjudged.insert(check);
                }
                LastResult::Pass | LastResult::NotApplicable(_) => continue,
            }
            let chosen = evaluation.chosen.get(check).copied();
            let severity = chosen.unwrap_or(finding.severity);
            open.severities.entry(check).or_default().insert(&finding.key.resource, severity);
        }
        open
    }

    /// Failures of one check.
    fn of_check(&self, check: &Check) -> BTreeMap<String, Severity> {
        let of_check = self.severities.get(check.id).into_iter().flatten();
        of_check.map(|(resource, severity)| ((*resource).to_owned(), *severity)).collect()
    }

    /// Whether a parent that failed at its latest conclusive evaluation hides the check.
    fn hides(&self, check: &Check) -> bool {
        check.parents.iter().any(|parent| self.unjudged.contains(parent))
    }
}

impl CheckScore {
    fn from_outcome(outcome: &CheckOutcome, open: &OpenFindings<'_>) -> Option<Self> {
        let (check, severity) = (outcome.check, outcome.severity);
        let is_hidden = open.hides(check);
        let failing = |result: &CheckResult| match result {
            CheckResult::Fail(violation) => Some(violation.severity),
            CheckResult::NotApplicable(NotApplicableReason::ParentFailed) => Some(severity),
            _ => is_hidden.then_some(severity),
        };
        let each = outcome.results.iter();
        let failing = each.filter_map(|each| Some((each.resource.clone(), failing(&each.result)?)));
        let mut failing: BTreeMap<String, Severity> = failing.collect();
        failing.extend(open.of_check(check));
        if outcome.overall != CheckResult::Pass && failing.is_empty() {
            return None;
        }
        let is_unknown = |result: &CheckResult| matches!(result, CheckResult::Unknown(_));
        let unknown = !is_hidden
            && !open.unjudged.contains(check.id)
            && outcome.results.iter().any(|each| is_unknown(&each.result));
        Some(Self { check: check.id.to_owned(), severity, failing, unknown })
    }

    /// Failures of a check that did not run.
    fn without(check: &Check, open: &OpenFindings<'_>) -> Option<Self> {
        let severity = open.evaluation.chosen.get(check.id).copied().unwrap_or(check.severity);
        let mut failing = open.of_check(check);
        if open.hides(check) {
            failing.entry(check.resource.to_owned()).or_insert(severity);
        }
        let line = Self { check: check.id.to_owned(), severity, failing, unknown: false };
        (!line.failing.is_empty()).then_some(line)
    }
}

/// The score of an evaluation without earlier findings.
pub fn score(evaluation: &Evaluation) -> Option<u8> {
    ScoreInputs::from_evaluation(evaluation, []).score(|_, _| false)
}

#[cfg(test)]
mod tests;
