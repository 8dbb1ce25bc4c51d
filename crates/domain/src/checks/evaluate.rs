//! Judging a tenant by the whole catalogue: each condition, then suppression by parents.

use std::collections::BTreeMap;

use super::{CATALOGUE, Check, Condition, Judgement, Severity, Terms, Verdict, Violation};
use crate::policy::Policy;
use crate::readings::ReadingKind;
use crate::scope::{REQUIRED, Scopes};
use crate::tenant::{NotApplicableReason, Outcome, Tenant, Unjudged, UnknownReason};

/// What one check says, of one resource or over all.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckResult {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail(Box<Violation>),
    /// Could not be judged.
    Unknown(UnknownReason),
    /// Nothing to judge.
    NotApplicable(NotApplicableReason),
}

impl CheckResult {
    /// The stable name on the wire.
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

/// What one check says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceResult {
    /// The resource key of a finding: the Auth0 path without `/api/v2/`.
    pub resource: String,
    /// The result.
    pub result: CheckResult,
}

/// What one check says.
#[derive(Debug, Clone)]
pub struct CheckOutcome {
    /// The check.
    pub check: &'static Check,
    /// What it weighs unless a failure has another: the organisation's, else the check's own.
    pub severity: Severity,
    /// One for each resource; empty for an empty collection.
    pub results: Vec<ResourceResult>,
    /// Over all resources, the check counted once.
    pub overall: CheckResult,
    /// Every reading of the check was read and every object could be named: what is not there is
    /// gone.
    pub is_complete: bool,
}

/// A tenant judged.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// One for each check that was part of the run.
    pub outcomes: Vec<CheckOutcome>,
    /// Checks fed only by optional scopes that were not granted.
    pub not_enabled: Vec<&'static Check>,
    /// By check id, the severities that the organisation chose.
    pub chosen: BTreeMap<String, Severity>,
}

/// Judges a tenant by every check as the catalogue has it. Pure: the same tenant gives the same
/// answer.
pub fn evaluate(tenant: &Tenant) -> Evaluation {
    evaluate_by(tenant, &Policy::default())
}

/// The same by an organisation's policy.
pub fn evaluate_by(tenant: &Tenant, policy: &Policy) -> Evaluation {
    let scopes = tenant.token().and_then(crate::readings::TokenFacts::scopes).unwrap_or_default();
    let (enabled, not_enabled): (Vec<_>, Vec<_>) =
        CATALOGUE.iter().copied().partition(|check| check.is_enabled(&scopes));
    let mut overall: BTreeMap<&str, CheckResult> = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(enabled.len());
    for check in enabled {
        let chosen = policy.severities.get(check.id).copied();
        let mut results = judge(check, tenant, Terms::by(policy));
        for each in &mut results {
            suppress(check, &overall, &mut each.result);
            if let (CheckResult::Fail(violation), Some(severity)) = (&mut each.result, chosen) {
                violation.severity = severity;
                violation.at_worst = severity;
            }
        }
        let worst = results.iter().map(|each| &each.result).max_by_key(|r| sort_key(r)).cloned();
        // An empty collection has nothing wrong in it.
        let worst = worst.unwrap_or(CheckResult::Pass);
        overall.insert(check.id, worst.clone());
        let is_complete = saw_everything(check, tenant, &results);
        let severity = chosen.unwrap_or(check.severity);
        outcomes.push(CheckOutcome { check, severity, results, overall: worst, is_complete });
    }
    Evaluation { outcomes, not_enabled, chosen: policy.severities.clone() }
}

/// Whether what is not in the results is gone. A result of a collection as a whole says that its
/// objects, or one of them, could not be told apart.
fn saw_everything(check: &Check, tenant: &Tenant, results: &[ResourceResult]) -> bool {
    let was_read = |kind: &ReadingKind| matches!(tenant.outcome(*kind), Some(Outcome::Read(_)));
    let is_collection = check.evaluate.is_on_collection();
    check.reads.iter().all(was_read)
        && !(is_collection && results.iter().any(|each| each.resource == check.resource))
}

fn sort_key(result: &CheckResult) -> (u8, Option<Severity>) {
    let severity = match result {
        CheckResult::Fail(violation) => Some(violation.severity),
        _ => None,
    };
    (result.rank(), severity)
}

fn judge(check: &'static Check, tenant: &Tenant, terms: Terms<'_>) -> Vec<ResourceResult> {
    let one = |judgement: Judgement| Ok(vec![(check.resource_key(tenant), judgement)]);
    let judged = match check.evaluate {
        Condition::One(condition) => one(condition(tenant)),
        Condition::OneBy(condition) => one(condition(tenant, terms)),
        Condition::Each(condition) => condition(tenant),
        Condition::EachBy(condition) => condition(tenant, terms),
    };
    let judged =
        judged.unwrap_or_else(|unjudged| vec![(check.resource_key(tenant), Err(unjudged))]);
    let result = |(resource, judgement): (String, Judgement)| ResourceResult {
        resource,
        result: judgement.into(),
    };
    judged.into_iter().map(result).collect()
}

impl From<Result<Verdict, Unjudged>> for CheckResult {
    fn from(judgement: Result<Verdict, Unjudged>) -> Self {
        match judgement {
            Ok(Verdict::Pass) => Self::Pass,
            Ok(Verdict::Fail(violation)) => Self::Fail(violation),
            Err(Unjudged::Unknown(reason)) => Self::Unknown(reason),
            Err(Unjudged::NotApplicable(reason)) => Self::NotApplicable(reason),
        }
    }
}

/// A failing parent already says it. A parent that is unknown might have: then a failure of the
/// child alone proves nothing, while its pass or its own silence stands.
fn suppress(check: &Check, overall: &BTreeMap<&str, CheckResult>, result: &mut CheckResult) {
    let parents = check.parents.iter().filter_map(|id| overall.get(id));
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
    /// Whether the granted scopes make it part of the run. A missing required scope leaves it in
    /// the run, and unknown.
    pub fn is_enabled(&self, scopes: &Scopes) -> bool {
        self.missing_optional_scopes(scopes).is_empty()
    }

    /// The optional scopes that it needs and that are not granted.
    pub fn missing_optional_scopes(&self, scopes: &Scopes) -> Vec<&'static str> {
        let needed = self.reads.iter().filter_map(|kind: &ReadingKind| kind.scope());
        let mut missing: Vec<_> =
            needed.filter(|s| !REQUIRED.contains(s) && !scopes.contains(s)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The key under which its one finding is kept. Our own credential is named by its client ID.
    fn resource_key(&self, tenant: &Tenant) -> String {
        if !self.evaluate.is_on_collection() && self.resource == "clients" {
            return format!("clients/{}", tenant.client_id);
        }
        self.resource.to_owned()
    }
}
