//! What a sync saw, by which policy it was judged, and what came of it, as it is kept: for the trend,
//! for drift, and to be judged again. Not here: comparing two of them (`drift`).

use serde::{Deserialize, Serialize};

use crate::checks::{CheckOutcome, CheckResult, Evaluation, Severity};
use crate::policy::Policy;
use crate::snapshot::Snapshot;
use crate::tenant::{NotApplicableReason, Tenant, UnknownReason};

/// One evaluation with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvaluation {
    /// What was seen; none when it was too large to keep.
    pub snapshot: Option<Snapshot>,
    /// By what it was judged.
    pub policy: Policy,
    /// What came of it.
    pub results: Results,
}

/// What every check said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Results {
    /// One for each check that was part of the run.
    pub checks: Vec<RecordedCheck>,
    /// The ids of those fed only by optional scopes that were not granted.
    pub not_enabled: Vec<String>,
    /// The resources were too many to keep: then no check has any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// What one check said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedCheck {
    /// Which.
    pub check_id: String,
    /// As it was then.
    pub version: u16,
    /// Over all resources.
    pub overall: RecordedResult,
    /// Everything that it reads was seen: a resource that is not listed was not there.
    pub is_complete: bool,
    /// Of each resource.
    pub resources: Vec<RecordedResource>,
}

/// What one check said of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedResource {
    /// The resource key of a finding.
    pub resource: String,
    /// What it said.
    #[serde(flatten)]
    pub result: RecordedResult,
}

/// A result without its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RecordedResult {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail {
        /// How bad.
        severity: Severity,
    },
    /// Could not be judged.
    Unknown {
        /// Why.
        reason: UnknownReason,
    },
    /// Nothing to judge.
    NotApplicable {
        /// Why.
        reason: NotApplicableReason,
    },
}

impl RecordedEvaluation {
    /// Of a tenant that was evaluated by this policy.
    pub fn of(tenant: &Tenant, policy: Policy, evaluation: &Evaluation) -> Self {
        let snapshot = Some(Snapshot::from(tenant));
        Self { snapshot, policy, results: Results::from(evaluation) }
    }
}

impl Results {
    /// What this check said.
    pub fn find(&self, check_id: &str) -> Option<&RecordedCheck> {
        self.checks.iter().find(|check| check.check_id == check_id)
    }

    /// The same without what it said of each resource.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.checks.iter_mut().for_each(|check| check.resources.clear());
        self.is_cut = true;
        self
    }
}

impl From<&Evaluation> for Results {
    fn from(evaluation: &Evaluation) -> Self {
        Self {
            checks: evaluation.outcomes.iter().map(RecordedCheck::from).collect(),
            not_enabled: evaluation.not_enabled.iter().map(|check| check.id.to_owned()).collect(),
            is_cut: false,
        }
    }
}

impl From<&CheckOutcome> for RecordedCheck {
    fn from(outcome: &CheckOutcome) -> Self {
        let resources = outcome.results.iter().map(|each| RecordedResource {
            resource: each.resource.clone(),
            result: RecordedResult::from(&each.result),
        });
        Self {
            check_id: outcome.check.id.to_owned(),
            version: outcome.check.version,
            overall: RecordedResult::from(&outcome.overall),
            is_complete: outcome.is_complete,
            resources: resources.collect(),
        }
    }
}

impl From<&CheckResult> for RecordedResult {
    fn from(result: &CheckResult) -> Self {
        match result {
            CheckResult::Pass => Self::Pass,
            CheckResult::Fail(violation) => Self::Fail { severity: violation.severity },
            CheckResult::Unknown(reason) => Self::Unknown { reason: *reason },
            CheckResult::NotApplicable(reason) => Self::NotApplicable { reason: *reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::evaluate;
    use crate::checks::testing::readings;
    use crate::readings::ReadingKind;
    use serde_json::json;

    #[test]
    fn every_check_is_recorded_and_read_back() {
        let tenant = readings(&[
            (ReadingKind::BruteForceProtection, json!({"enabled": false})),
            (ReadingKind::MfaPolicies, json!([])),
        ]);
        let evaluation = evaluate(&tenant);
        let kept = RecordedEvaluation::of(&tenant, Policy::default(), &evaluation);
        let results = &kept.results;
        assert_eq!(results.checks.len(), evaluation.outcomes.len());
        let off = results.find("brute-force-protection-off").unwrap();
        assert_eq!(off.overall, RecordedResult::Fail { severity: Severity::Critical });
        let text = serde_json::to_string(results).unwrap();
        assert!(text.contains(r#""result":"fail","severity":"critical""#), "{text}");
        assert_eq!(&serde_json::from_str::<Results>(&text).unwrap(), results);
    }

    #[test]
    fn a_cut_record_still_says_what_each_check_said() {
        let results = Results::from(&evaluate(&readings(&[])));
        let cut = results.clone().cut();
        assert!(cut.is_cut && cut.checks.iter().all(|check| check.resources.is_empty()));
        let overall =
            |results: &Results| results.checks.iter().map(|c| c.overall).collect::<Vec<_>>();
        assert_eq!(overall(&cut), overall(&results));
    }
}
