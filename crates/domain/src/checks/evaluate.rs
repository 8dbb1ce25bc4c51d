//! Evaluates a tenant by the whole catalogue: each condition, then suppression by parents.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CATALOGUE, Check, EffectiveThresholds, Judged, Judgement, Policy, Severity, Verdict, Violation,
};
use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::readings::{Part, ReadingKind};
use crate::scope::{REQUIRED, Scopes};
use crate::tenant::{Outcome, Tenant};

/// The result of a check, for one resource or over all.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckResult {
    Pass,
    Fail(Box<Violation>),
    Unknown(UnknownReason),
    NotApplicable(NotApplicableReason),
}

impl CheckResult {
    /// Name in the API; never changes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Unknown(_) => "unknown",
            Self::NotApplicable(_) => "not_applicable",
        }
    }

    /// Over several resources: fail, then unknown, then pass, then not applicable.
    const fn rank(&self) -> u8 {
        match self {
            Self::Fail(_) => 3,
            Self::Unknown(_) => 2,
            Self::Pass => 1,
            Self::NotApplicable(_) => 0,
        }
    }
}

/// The result for one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceResult {
    /// The resource key of a finding: the Auth0 path without `/api/v2/`.
    pub resource: String,
    pub result: CheckResult,
}

/// The results of one check.
#[derive(Debug, Clone)]
pub struct CheckOutcome {
    pub check: &'static Check,
    /// The policy's severity, otherwise the check's. A violation may have another.
    pub severity: Severity,
    /// One for each resource; empty for an empty collection.
    pub results: Vec<ResourceResult>,
    /// Over all resources; counts the check once.
    pub overall: CheckResult,
    /// Whether every reading succeeded and every object was identified: then a missing resource is gone.
    pub is_complete: bool,
}

/// The evaluation of a tenant.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// One for each enabled check.
    pub outcomes: Vec<CheckOutcome>,
    /// Checks whose optional scopes, of a reading or a part, are not granted, and those that the policy disables.
    pub not_enabled: Vec<&'static Check>,
    /// Ids of those that the policy disables.
    pub disabled: BTreeSet<&'static str>,
    /// Severities set by the policy, by check id.
    pub chosen: BTreeMap<String, Severity>,
}

/// Evaluates under the catalogue's defaults. Pure.
pub fn evaluate(tenant: &Tenant) -> Evaluation {
    evaluate_by(tenant, &Policy::default())
}

/// Evaluates under a policy.
pub fn evaluate_by(tenant: &Tenant, policy: &Policy) -> Evaluation {
    let scopes = tenant.token().and_then(crate::readings::TokenFacts::scopes).unwrap_or_default();
    let mut outcomes: Vec<CheckOutcome> = Vec::with_capacity(CATALOGUE.len());
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut not_enabled, mut disabled) = (Vec::new(), BTreeSet::new());
    for check in CATALOGUE.iter().copied() {
        if policy.disables(check, tenant.observed_at) {
            disabled.insert(check.id);
            not_enabled.push(check);
            continue;
        }
        if !check.is_enabled(&scopes) {
            not_enabled.push(check);
            continue;
        }
        let chosen = policy.severities.get(check.id).copied();
        let mut results = judge(check, tenant, EffectiveThresholds::under_policy(policy));
        if waits_for_part(check, tenant, &results) {
            not_enabled.push(check);
            continue;
        }
        let parents = check.parents.iter().filter_map(|id| positions.get(id));
        let parents: Vec<_> = parents.map(|at| &outcomes[*at].overall).collect();
        for each in &mut results {
            suppress(&parents, &mut each.result);
            if let (CheckResult::Fail(violation), Some(severity)) = (&mut each.result, chosen) {
                violation.severity = severity;
                violation.at_worst = severity;
            }
        }
        let worst = results.iter().map(|each| &each.result).max_by_key(|r| sort_key(r)).cloned();
        // An empty collection passes.
        let worst = worst.unwrap_or(CheckResult::Pass);
        positions.insert(check.id, outcomes.len());
        let is_complete = saw_everything(check, tenant, &results);
        let severity = chosen.unwrap_or(check.severity);
        outcomes.push(CheckOutcome { check, severity, results, overall: worst, is_complete });
    }
    Evaluation { outcomes, not_enabled, disabled, chosen: policy.severities.clone() }
}

/// Whether all results of the check depend on a part whose scope is missing. Decided by the responses and not by the
/// scope alone: tenants that Auth0 has not migrated include the part without it.
fn waits_for_part(check: &Check, tenant: &Tenant, results: &[ResourceResult]) -> bool {
    let waits =
        |each: &ResourceResult| each.result == CheckResult::Unknown(UnknownReason::MissingScope);
    !results.is_empty()
        && results.iter().all(waits)
        && all_read(check, tenant)
        && check.parts().any(|part| tenant.lacks_scope_of(part))
}

fn all_read(check: &Check, tenant: &Tenant) -> bool {
    let was_read = |kind: &ReadingKind| matches!(tenant.outcome(*kind), Some(Outcome::Read(_)));
    check.reads.iter().all(was_read)
}

/// Whether resources without a result are gone. A result for the collection as a whole means that objects could not
/// be identified.
fn saw_everything(check: &Check, tenant: &Tenant, results: &[ResourceResult]) -> bool {
    let is_collection = check.evaluate.is_on_collection();
    all_read(check, tenant)
        && !(is_collection && results.iter().any(|each| each.resource == check.resource))
}

fn sort_key(result: &CheckResult) -> (u8, Option<Severity>) {
    let severity = match result {
        CheckResult::Fail(violation) => Some(violation.severity),
        _ => None,
    };
    (result.rank(), severity)
}

fn judge(
    check: &'static Check,
    tenant: &Tenant,
    terms: EffectiveThresholds<'_>,
) -> Vec<ResourceResult> {
    let judged = match check.judge(tenant, terms) {
        Judged::One(judgement) => Ok(vec![(check.resource_key(tenant), judgement)]),
        Judged::Each(judgements) => judgements,
    };
    let judged =
        judged.unwrap_or_else(|unjudged| vec![(check.resource_key(tenant), Err(unjudged))]);
    let result = |(resource, judgement): (String, Judgement)| ResourceResult {
        resource,
        result: judgement.into(),
    };
    judged.into_iter().map(result).collect()
}

impl From<Result<Verdict, Inconclusive>> for CheckResult {
    fn from(judgement: Result<Verdict, Inconclusive>) -> Self {
        match judgement {
            Ok(Verdict::Pass) => Self::Pass,
            Ok(Verdict::Fail(violation)) => Self::Fail(violation),
            Err(Inconclusive::Unknown(reason)) => Self::Unknown(reason),
            Err(Inconclusive::NotApplicable(reason)) => Self::NotApplicable(reason),
        }
    }
}

/// A failing parent suppresses its children. An unknown parent may fail, so a failure of the child becomes unknown;
/// its other results stay.
fn suppress(parents: &[&CheckResult], result: &mut CheckResult) {
    let mut unknown = None;
    for parent in parents {
        match parent {
            CheckResult::Fail(_) => {
                *result = CheckResult::NotApplicable(NotApplicableReason::ParentFailed);
                return;
            }
            CheckResult::Unknown(reason) => unknown = unknown.or(Some(*reason)),
            CheckResult::Pass | CheckResult::NotApplicable(_) => {}
        }
    }
    if let (Some(reason), CheckResult::Fail(_)) = (unknown, &*result) {
        *result = CheckResult::Unknown(reason);
    }
}

impl Check {
    /// The parts of its readings that it reads and that need a separate scope.
    pub fn parts(&self) -> impl Iterator<Item = &'static Part> {
        Part::ALL.iter().copied().filter(|part| part.feeds.contains(&self.id))
    }

    pub fn parents(&self) -> impl Iterator<Item = &'static Self> {
        self.parents.iter().filter_map(|id| super::find(id))
    }

    /// All scopes that it reads with.
    pub fn scopes(&self) -> BTreeSet<&'static str> {
        let of_readings = self.reads.iter().filter_map(|kind| kind.scope());
        of_readings.chain(self.parts().map(Part::scope)).collect()
    }

    /// The optional scopes that it needs. On a tenant that Auth0 has not migrated to the scope of a part, those of
    /// its readings suffice.
    pub fn optional_scopes(&self) -> BTreeSet<&'static str> {
        self.missing_optional_scopes(&Scopes::default())
    }

    /// Whether the granted scopes enable it. A missing required scope leaves it enabled, and unknown.
    fn is_enabled(&self, granted: &Scopes) -> bool {
        self.optional_scopes_of_readings().all(|scope| granted.contains(scope))
    }

    fn optional_scopes_of_readings(&self) -> impl Iterator<Item = &'static str> {
        let scopes = self.reads.iter().filter_map(|kind| kind.scope());
        scopes.filter(|scope| !REQUIRED.contains(scope))
    }

    /// Optional scopes that would enable it and are not granted. A part that decides for some objects only is
    /// included once the readings' scopes are granted.
    pub fn missing_optional_scopes(&self, granted: &Scopes) -> BTreeSet<&'static str> {
        let of_readings = self.optional_scopes_of_readings().filter(|s| !granted.contains(s));
        let mut missing: BTreeSet<_> = of_readings.collect();
        let is_enabled = missing.is_empty();
        let parts = self.parts().filter(|part| part.is_decisive || is_enabled);
        missing.extend(parts.filter(|part| !part.is_given_to(granted)).map(Part::scope));
        missing
    }

    /// The resource key of its single finding. The integration's own client is named by its client ID.
    fn resource_key(&self, tenant: &Tenant) -> String {
        if !self.evaluate.is_on_collection() && self.resource == "clients" {
            return format!("clients/{}", tenant.client_id);
        }
        self.resource.to_owned()
    }
}
