//! How much of the catalogue could be judged: the counts of a sync, the forecast of a test.

pub mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checks::{self, Check, CheckResult, Evaluation};
use crate::readings::{ReadingKind, TokenFacts};
use crate::sync::CheckCounts;
use crate::tenant::{NotApplicableReason, Outcome, Tenant, UnknownReason};

/// Which checks a sync would run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// The whole catalogue.
    pub checks_total: u32,
    /// Say nothing for want of optional scopes.
    pub checks_not_enabled: u32,
    /// Would be judged, or have nothing to judge.
    pub checks_runnable: u32,
    /// Runnable of those that are enabled, rounded down.
    pub percent: u8,
    /// Every check that would not be judged, and why.
    pub not_runnable: Vec<NotRunnable>,
}

/// A check that would not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRunnable {
    /// Which.
    pub check_id: String,
    /// Why: an unknown reason, or `feature_not_offered`.
    pub reason: String,
    /// The scopes that would bring it.
    pub scopes: Vec<String>,
}

/// Why a check of the last sync is unknown, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownCheck {
    /// Which.
    pub check_id: String,
    /// Why.
    pub reason: UnknownReason,
    /// The first of the syncs in a row that could not judge it.
    pub since: Timestamp,
}

/// What a tenant's token and readings let the catalogue judge: what a sync of the same answers would say.
/// Without a token no check is runnable, for `reason`.
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

/// The checks that say nothing of this tenant, why, and the scopes that would bring them. Not those that
/// have nothing to judge, because the feature is off or a failing parent says it already.
pub fn not_judged(evaluation: &Evaluation, tenant: &Tenant) -> Vec<NotRunnable> {
    let granted = tenant.token().and_then(TokenFacts::scopes).unwrap_or_default();
    let overall: BTreeMap<&str, &CheckResult> =
        evaluation.outcomes.iter().map(|outcome| (outcome.check.id, &outcome.overall)).collect();
    let line = |check: &'static Check| {
        let reason = match overall.get(check.id) {
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
                // Its own readings are there: an unread parent might say it already.
                scopes.extend(check.parents().flat_map(|parent| refused_scopes(parent, tenant)));
            }
            line.scopes = scopes.into_iter().map(str::to_owned).collect();
        }
        Some(line)
    };
    checks::all().filter_map(line).collect()
}

/// The scopes of its readings that the tenant says are missing.
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

/// Whether a connection test with these outcomes is `connected`: every essential reading was read.
pub fn essentials_read(tenant: &Tenant) -> bool {
    ReadingKind::essential().all(|kind| is_read(tenant, kind))
}

/// Whether this tenant was read at all: without one essential reading nothing can be said of it.
pub fn is_any_essential_read(tenant: &Tenant) -> bool {
    ReadingKind::essential().any(|kind| is_read(tenant, kind))
}

fn is_read(tenant: &Tenant, kind: ReadingKind) -> bool {
    matches!(tenant.outcome(kind), Some(Outcome::Read(_)))
}

/// Checks by result.
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

/// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down; none when nothing applies.
pub fn coverage_percent(counts: &CheckCounts) -> Option<u8> {
    let judged = counts.passed + counts.failed;
    percent(judged, judged + counts.unknown)
}

fn percent(part: u32, whole: u32) -> Option<u8> {
    let share = (u64::from(part) * 100).checked_div(u64::from(whole))?;
    u8::try_from(share).ok()
}

/// The checks of this evaluation that are unknown; `since` is kept from before.
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
