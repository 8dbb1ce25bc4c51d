//! The controls of each framework with the results of their checks.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{self, CheckResult, Evaluation};
use crate::controls::by_standard;
use crate::finding::{Finding, FindingKey};
use crate::named_enum::named_enum;

#[derive(Debug, Clone)]
pub struct Framework {
    pub name: &'static str,
    /// By name.
    pub controls: Vec<Control>,
}

#[derive(Debug, Clone)]
pub struct Control {
    pub name: &'static str,
    pub status: ControlStatus,
    /// Number of its checks with an open finding that is not accepted.
    pub failing: usize,
}

named_enum! {
    /// The status of a control by its checks, the first that applies.
    pub enum ControlStatus {
        /// A check has an open finding.
        Failing = "failing",
        /// All open findings are accepted.
        Accepted = "accepted",
        /// A check is unknown or not enabled, so that nothing can be said about the control.
        NotDecided = "not_decided",
        Passing = "passing",
        /// No check applies to the tenant.
        NotApplicable = "not_applicable",
    }
}

/// In the order of the catalogue's standards.
pub(super) fn frameworks(
    evaluation: &Evaluation,
    open: &BTreeMap<FindingKey, Finding>,
    is_accepted: impl Fn(&FindingKey) -> bool,
) -> Vec<Framework> {
    let (accepted, failing): (Vec<_>, Vec<_>) = open.keys().partition(|key| is_accepted(key));
    let ids = |keys: Vec<&'_ FindingKey>| -> BTreeSet<String> {
        keys.into_iter().map(|key| key.check_id.clone()).collect()
    };
    let (accepted, failing) = (ids(accepted), ids(failing));
    let overall: BTreeMap<&str, &CheckResult> =
        evaluation.outcomes.iter().map(|outcome| (outcome.check.id, &outcome.overall)).collect();
    let status = |id: &str| match overall.get(id) {
        _ if failing.contains(id) => ControlStatus::Failing,
        _ if accepted.contains(id) => ControlStatus::Accepted,
        None if evaluation.disabled.contains(id) => ControlStatus::NotApplicable,
        None | Some(CheckResult::Unknown(_)) => ControlStatus::NotDecided,
        Some(CheckResult::Pass) => ControlStatus::Passing,
        Some(CheckResult::Fail(_)) => ControlStatus::Failing,
        Some(CheckResult::NotApplicable(_)) => ControlStatus::NotApplicable,
    };
    let mut frameworks: Vec<(&str, BTreeMap<&str, Vec<ControlStatus>>)> = Vec::new();
    for check in checks::all() {
        for (standard, control) in by_standard(check) {
            let at = frameworks.iter().position(|(name, _)| *name == standard);
            let at = at.unwrap_or_else(|| {
                frameworks.push((standard, BTreeMap::new()));
                frameworks.len() - 1
            });
            frameworks[at].1.entry(control).or_default().push(status(check.id));
        }
    }
    let control = |(name, statuses): (&'static str, Vec<ControlStatus>)| Control {
        name,
        // `named_enum!` orders the statuses as declared.
        status: statuses.iter().min().copied().unwrap_or(ControlStatus::NotApplicable),
        failing: statuses.iter().filter(|each| **each == ControlStatus::Failing).count(),
    };
    let each = frameworks.into_iter();
    each.map(|(name, controls)| Framework {
        name,
        controls: controls.into_iter().map(control).collect(),
    })
    .collect()
}
