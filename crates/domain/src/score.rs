//! One number for a tenant: `round(100 × Σw(pass) ÷ Σw(pass + fail + parent_failed))`, each check
//! once at its worst resource. What is accepted as compensated or false counts as a pass, so the
//! number depends on the moment of asking: a sync keeps a [`Basis`], a reader makes the score of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checks::{CheckOutcome, CheckResult, Evaluation, Severity};
use crate::tenant::NotApplicableReason;

const fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 40,
        Severity::High => 20,
        Severity::Medium => 8,
        Severity::Low => 3,
        Severity::Info => 0,
    }
}

/// What the score of one evaluation is made of, whatever is accepted later.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Basis(Vec<Line>);

/// One check that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    check: String,
    /// What it weighs when it passes.
    severity: Severity,
    /// What fails, or is hidden by a failing parent, by resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    failing: BTreeMap<String, Severity>,
    /// Other resources are unknown: then without failures it says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unknown: bool,
}

impl Basis {
    /// Of an evaluation. Checks that say nothing have no line: coverage shows them.
    pub fn of(evaluation: &Evaluation) -> Self {
        Self(evaluation.outcomes.iter().filter_map(Line::of).collect())
    }

    /// 0 to 100; none when nothing was judged. `is_waived` tells, by check id and resource, what is
    /// accepted so that it counts as a pass.
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

impl Line {
    fn of(outcome: &CheckOutcome) -> Option<Self> {
        let severity = outcome.severity;
        let failing = |result: &CheckResult| match result {
            CheckResult::Fail(violation) => Some(violation.severity),
            CheckResult::NotApplicable(NotApplicableReason::ParentFailed) => Some(severity),
            _ => None,
        };
        if outcome.overall != CheckResult::Pass && failing(&outcome.overall).is_none() {
            return None;
        }
        let each = outcome.results.iter();
        let failing = each.filter_map(|each| Some((each.resource.clone(), failing(&each.result)?)));
        Some(Self {
            check: outcome.check.id.to_owned(),
            severity,
            failing: failing.collect(),
            unknown: outcome.results.iter().any(|r| matches!(r.result, CheckResult::Unknown(_))),
        })
    }
}

/// The score of an evaluation of which nothing is accepted.
pub fn score(evaluation: &Evaluation) -> Option<u8> {
    Basis::of(evaluation).score(|_, _| false)
}

#[cfg(test)]
mod tests;
