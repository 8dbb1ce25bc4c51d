//! Coverage: how many checks are conclusive. Counts of a sync, forecast of a connection test.

pub mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checks::{self, Check, CheckResult, Evaluation, scopes};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::readings::{ReadingKind, TokenFacts};
use crate::scope::Scopes;
use crate::sync::CheckCounts;
use crate::tenant::{Outcome, Tenant};

/// Scopes of the token, compared with the scopes needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScopeReport {
    pub granted: Vec<String>,
    pub missing_required: Vec<String>,
    /// Optional scopes that are not granted.
    pub missing_optional: Vec<String>,
    /// Granted scopes that this service does not use.
    pub unneeded: Vec<String>,
}

impl From<&Scopes> for ScopeReport {
    fn from(granted: &Scopes) -> Self {
        Self {
            granted: granted.to_vec(),
            missing_required: granted.missing_required(),
            missing_optional: scopes::missing_optional(granted),
            unneeded: scopes::unneeded(granted),
        }
    }
}

/// Forecast of the checks that a sync would run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forecast {
    pub checks_total: u32,
    /// Checks whose optional scopes are not granted.
    pub checks_not_enabled: u32,
    /// Checks that would be conclusive or not applicable.
    pub checks_runnable: u32,
    /// Runnable checks among the enabled ones, in percent, rounded down.
    pub percent: u8,
    pub not_runnable: Vec<NotRunnable>,
}

/// A check that would not be conclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRunnable {
    pub check_id: String,
    /// An unknown reason, `feature_not_offered` or `disabled_by_policy`.
    pub reason: String,
    /// Scopes that would enable the check.
    pub scopes: Vec<String>,
}

/// An unknown check of the latest sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownCheck {
    pub check_id: String,
    pub reason: UnknownReason,
    /// Start of the unbroken series of syncs without a conclusive result.
    pub since: Timestamp,
}

/// The forecast for these readings: what a sync with the same responses would report. Without a token no
/// check is runnable, for `reason`.
pub fn forecast(tenant: Option<&Tenant>, reason: &str) -> Forecast {
    let (not_runnable, not_enabled) = match tenant {
        Some(tenant) => {
            let evaluation = checks::evaluate(tenant);
            (not_judged(&evaluation, tenant), evaluation.not_enabled.len())
        }
        None => (checks::all().map(|check| NotRunnable::new(check, reason)).collect(), 0),
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (checks_total, checks_not_enabled) = (count(checks::all().count()), count(not_enabled));
    let checks_runnable = checks_total - count(not_runnable.len());
    Forecast {
        checks_total,
        checks_not_enabled,
        checks_runnable,
        percent: percent(checks_runnable, checks_total - checks_not_enabled).unwrap_or(0),
        not_runnable,
    }
}

/// The checks without a conclusive result, with reason and scopes. Excludes checks that are not applicable
/// because a feature is off or a parent failed.
pub fn not_judged(evaluation: &Evaluation, tenant: &Tenant) -> Vec<NotRunnable> {
    let granted = tenant.token().and_then(TokenFacts::scopes).unwrap_or_default();
    let overall: BTreeMap<&str, &CheckResult> =
        evaluation.outcomes.iter().map(|outcome| (outcome.check.id, &outcome.overall)).collect();
    let line = |check: &'static Check| {
        let reason = match overall.get(check.id) {
            None if evaluation.disabled.contains(check.id) => {
                NotApplicableReason::DisabledByPolicy.name()
            }
            None => UnknownReason::MissingScope.name(),
            Some(CheckResult::Unknown(reason)) => reason.name(),
            Some(CheckResult::NotApplicable(NotApplicableReason::FeatureNotOffered)) => {
                "feature_not_offered"
            }
            Some(_) => return None,
        };
        let mut line = NotRunnable::new(check, reason);
        if reason == UnknownReason::MissingScope.name() {
            let mut scopes = check.missing_optional_scopes(&granted);
            scopes.extend(refused_scopes(check, tenant));
            if scopes.is_empty() {
                // The check's own readings are present, so a reading of a parent failed.
                scopes.extend(check.parents().flat_map(|parent| refused_scopes(parent, tenant)));
            }
            line.scopes = scopes.into_iter().map(str::to_owned).collect();
        }
        Some(line)
    };
    checks::all().filter_map(line).collect()
}

/// Scopes of the check's readings that Auth0 reported missing.
fn refused_scopes(check: &Check, tenant: &Tenant) -> impl Iterator<Item = &'static str> {
    let is_refused = |kind: &&ReadingKind| {
        matches!(tenant.outcome(**kind), Some(Outcome::Unreadable { reason, .. })
            if *reason == UnknownReason::MissingScope)
    };
    check.reads.iter().filter(is_refused).filter_map(|kind| kind.scope())
}

impl NotRunnable {
    fn new(check: &Check, reason: &str) -> Self {
        Self { check_id: check.id.to_owned(), reason: reason.to_owned(), scopes: Vec::new() }
    }
}

/// Whether every essential reading succeeded, as a connection test requires.
pub fn essentials_read(tenant: &Tenant) -> bool {
    ReadingKind::essential().all(|kind| is_read(tenant, kind))
}

/// Whether at least one essential reading succeeded, as a sync requires.
pub fn is_any_essential_read(tenant: &Tenant) -> bool {
    ReadingKind::essential().any(|kind| is_read(tenant, kind))
}

fn is_read(tenant: &Tenant, kind: ReadingKind) -> bool {
    matches!(tenant.outcome(kind), Some(Outcome::Read(_)))
}

/// Number of checks by result.
pub fn counts(evaluation: &Evaluation) -> CheckCounts {
    let mut counts = CheckCounts {
        not_enabled: u32::try_from(evaluation.not_enabled.len()).unwrap_or(u32::MAX),
        ..CheckCounts::default()
    };
    for outcome in &evaluation.outcomes {
        match outcome.overall {
            CheckResult::Pass => counts.passed += 1,
            CheckResult::Fail(_) => counts.failed += 1,
            CheckResult::Unknown(_) => counts.unknown += 1,
            CheckResult::NotApplicable(_) => counts.not_applicable += 1,
        }
    }
    counts
}

/// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. None: no check is conclusive or unknown.
pub fn coverage_percent(counts: &CheckCounts) -> Option<u8> {
    let judged = counts.passed + counts.failed;
    percent(judged, judged + counts.unknown)
}

fn percent(part: u32, whole: u32) -> Option<u8> {
    let share = (u64::from(part) * 100).checked_div(u64::from(whole))?;
    u8::try_from(share).ok()
}

/// The unknown checks of this evaluation. `since` is carried over from `before`.
pub fn unknown_checks(
    evaluation: &Evaluation,
    before: &[UnknownCheck],
    now: Timestamp,
) -> Vec<UnknownCheck> {
    let unknown = evaluation.outcomes.iter().filter_map(|outcome| match outcome.overall {
        CheckResult::Unknown(reason) => Some((outcome.check.id, reason)),
        _ => None,
    });
    unknown
        .map(|(check_id, reason)| UnknownCheck {
            check_id: check_id.to_owned(),
            reason,
            since: before.iter().find(|u| u.check_id == check_id).map_or(now, |u| u.since),
        })
        .collect()
}
