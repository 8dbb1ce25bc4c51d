//! The stored record of an evaluation: snapshot, policy and results. Used for the score history, for drift,
//! and for evaluating again.

use serde::{Deserialize, Serialize};

use crate::checks::{CheckOutcome, CheckResult, Evaluation, Severity};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::policy::Policy;
use crate::snapshot::Snapshot;
use crate::tenant::Tenant;

/// An evaluation with its inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvaluation {
    /// None: the snapshot was too large to store.
    pub snapshot: Option<Snapshot>,
    pub policy: Policy,
    pub results: Results,
}

/// Results of all checks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Results {
    /// Checks that ran.
    pub checks: Vec<RecordedCheck>,
    /// Ids of the checks that did not run: optional scopes were not granted, or the policy disables them.
    pub not_enabled: Vec<String>,
    /// Ids of those that the policy disables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled: Vec<String>,
    /// True if there were too many resources to store: then no check has any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// Result of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedCheck {
    pub check_id: String,
    /// Version of the check at that time.
    pub version: u16,
    /// Result over all resources.
    pub overall: RecordedResult,
    /// True if all its readings were complete: a resource that is not listed did not exist.
    pub is_complete: bool,
    pub resources: Vec<RecordedResource>,
}

/// Result of a check for one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedResource {
    pub resource: String,
    #[serde(flatten)]
    pub result: RecordedResult,
}

/// A result without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RecordedResult {
    Pass,
    Fail { severity: Severity },
    Unknown { reason: UnknownReason },
    NotApplicable { reason: NotApplicableReason },
}

impl RecordedEvaluation {
    /// Records an evaluation under this policy.
    pub fn record(tenant: &Tenant, policy: Policy, evaluation: &Evaluation) -> Self {
        let snapshot = Some(Snapshot::from(tenant));
        Self { snapshot, policy, results: Results::from(evaluation) }
    }
}

impl Results {
    pub fn find(&self, check_id: &str) -> Option<&RecordedCheck> {
        self.checks.iter().find(|check| check.check_id == check_id)
    }

    /// Whether the check ran on complete readings, and did not list the resource: it does not exist.
    pub fn lacks(&self, check_id: &str, resource: &str) -> bool {
        let of_check = self.find(check_id).filter(|check| check.is_complete && !self.is_cut);
        of_check.is_some_and(|check| check.resources.iter().all(|each| each.resource != resource))
    }

    /// The same without the results for each resource.
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
            disabled: evaluation.disabled.iter().map(|id| (*id).to_owned()).collect(),
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
        let kept = RecordedEvaluation::record(&tenant, Policy::default(), &evaluation);
        let results = &kept.results;
        assert_eq!(results.checks.len(), evaluation.outcomes.len());
        let off = results.find("brute-force-protection-off").unwrap();
        assert_eq!(off.overall, RecordedResult::Fail { severity: Severity::Critical });
        let text = serde_json::to_string(results).unwrap();
        assert!(text.contains(r#""result":"fail","severity":"critical""#), "{text}");
        assert_eq!(&serde_json::from_str::<Results>(&text).unwrap(), results);
    }

    #[test]
    fn a_record_without_resources_keeps_the_result_of_each_check() {
        let results = Results::from(&evaluate(&readings(&[])));
        let cut = results.clone().cut();
        assert!(cut.is_cut && cut.checks.iter().all(|check| check.resources.is_empty()));
        let overall =
            |results: &Results| results.checks.iter().map(|c| c.overall).collect::<Vec<_>>();
        assert_eq!(overall(&cut), overall(&results));
    }
}
