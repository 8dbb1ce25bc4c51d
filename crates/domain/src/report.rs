//! The contents of a report on a tenant, for people: computed on its latest snapshot, as the plan is. The crate `report`
//! renders it.

mod controls;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::checks::{Check, CheckResult, Evaluation};
use crate::coverage;
use crate::finding::{Finding, FindingKey};
use crate::plan::{Plan, Situation};
use crate::preview::{Scenario, Summary};
use crate::readings::TokenFacts;
use crate::sync::CheckCounts;
use crate::tenant::Tenant;

pub use controls::{Control, ControlStatus, Framework};

/// Maximum number of findings in a report.
pub const FINDINGS_MAX: usize = 500;

#[derive(Debug, Clone)]
pub struct Report {
    /// When the tenant was read.
    pub observed_at: Timestamp,
    pub figures: Summary,
    pub counts: CheckCounts,
    /// Open and not accepted, by descending priority; at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    pub findings_total: usize,
    pub plan: Plan,
    /// Checks without a conclusive result.
    pub unknown: Vec<Unjudged>,
    /// Checks that did not run, without those that the policy disables.
    pub not_enabled: Vec<Unjudged>,
    /// Ids of the checks that the policy disables.
    pub disabled: BTreeSet<&'static str>,
    pub frameworks: Vec<Framework>,
}

/// A check that has neither passed nor failed.
#[derive(Debug, Clone)]
pub struct Unjudged {
    pub check: &'static Check,
    /// An unknown reason, or `not_enabled`.
    pub reason: &'static str,
    /// The scopes that would decide it.
    pub scopes: Vec<String>,
}

impl Report {
    /// With the plan of the same situation.
    pub fn build(situation: &Situation, plan: Plan) -> Self {
        let Situation { known, tenant, policy, context } = situation;
        let state = Scenario::simulate(known, tenant, policy, context);
        let figures = state.figures(known);
        let evaluation = &state.evaluation;
        let unknown = unknown(evaluation, tenant);
        let not_enabled = not_enabled(evaluation, tenant);
        let is_accepted = |key: &FindingKey| known.accepted.contains_key(key);
        let frameworks = controls::frameworks(evaluation, &state.open, is_accepted);
        let (counts, disabled) = (coverage::counts(evaluation), evaluation.disabled.clone());
        let open = state.open.into_values();
        let mut findings: Vec<Finding> = open.filter(|each| !is_accepted(&each.key)).collect();
        findings.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        let findings_total = findings.len();
        findings.truncate(FINDINGS_MAX);
        Self {
            observed_at: tenant.observed_at,
            figures,
            counts,
            findings,
            findings_total,
            plan,
            unknown,
            not_enabled,
            disabled,
            frameworks,
        }
    }
}

/// The unknown checks.
pub fn unknown(evaluation: &Evaluation, tenant: &Tenant) -> Vec<Unjudged> {
    let mut scopes: BTreeMap<String, Vec<String>> = coverage::not_judged(evaluation, tenant)
        .into_iter()
        .map(|check| (check.check_id, check.scopes))
        .collect();
    let outcomes = evaluation.outcomes.iter();
    let unknown = outcomes.filter_map(|outcome| match outcome.overall {
        CheckResult::Unknown(reason) => Some((outcome.check, reason.name())),
        _ => None,
    });
    unknown
        .map(|(check, reason)| Unjudged {
            check,
            reason,
            scopes: scopes.remove(check.id).unwrap_or_default(),
        })
        .collect()
}

/// The checks that did not run, without those that the policy disables.
pub fn not_enabled(evaluation: &Evaluation, tenant: &Tenant) -> Vec<Unjudged> {
    let granted = tenant.token().and_then(TokenFacts::scopes).unwrap_or_default();
    let checks =
        evaluation.not_enabled.iter().filter(|check| !evaluation.disabled.contains(check.id));
    let unjudged = checks.map(|check| Unjudged {
        check,
        reason: "not_enabled",
        scopes: check.missing_optional_scopes(&granted).into_iter().map(str::to_owned).collect(),
    });
    unjudged.collect()
}
