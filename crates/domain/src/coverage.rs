//! How much of the catalogue could be judged: the counts of a sync, the forecast of a test.

pub mod table;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checks::{self, CheckResult, Evaluation};
use crate::readings::{Need, ReadingKind};
use crate::scope::Scopes;
use crate::sync::CheckCounts;
use crate::tenant::{Outcome, Tenant, UnknownReason};

/// Which checks a sync would run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// The whole catalogue.
    pub checks_total: u32,
    /// Fed only by optional scopes that are not granted.
    pub checks_not_enabled: u32,
    /// Would be judged.
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

/// What a tenant's token and readings let the catalogue judge. Without a token no check is
/// runnable, for `reason`.
pub fn forecast(scopes: &Scopes, tenant: Option<&Tenant>, reason: &str) -> Forecast {
    let mut forecast = Forecast::default();
    let judged = tenant.map(judged_checks).unwrap_or_default();
    for check in checks::all() {
        forecast.checks_total += 1;
        let missing = check.missing_optional_scopes(scopes);
        let obstacle = match tenant {
            Some(_) if !missing.is_empty() => {
                forecast.checks_not_enabled += 1;
                let scopes = missing.iter().map(|s| (*s).to_owned()).collect();
                Some(("missing_scope".to_owned(), scopes))
            }
            // Some checks take a refusal for an answer, so what was judged is runnable anyway.
            Some(_) if judged.contains(check.id) => None,
            Some(tenant) => check.reads.iter().find_map(|kind| obstacle(*kind, tenant)),
            None => Some((reason.to_owned(), Vec::new())),
        };
        match obstacle {
            None => forecast.checks_runnable += 1,
            Some((reason, scopes)) => {
                let check_id = check.id.to_owned();
                forecast.not_runnable.push(NotRunnable { check_id, reason, scopes });
            }
        }
    }
    let enabled = forecast.checks_total - forecast.checks_not_enabled;
    forecast.percent = percent(forecast.checks_runnable, enabled).unwrap_or(0);
    forecast
}

fn judged_checks(tenant: &Tenant) -> BTreeSet<&'static str> {
    let outcomes = checks::evaluate(tenant).outcomes.into_iter();
    let judged = outcomes.filter(|o| matches!(o.overall, CheckResult::Pass | CheckResult::Fail(_)));
    judged.map(|outcome| outcome.check.id).collect()
}

fn obstacle(kind: ReadingKind, tenant: &Tenant) -> Option<(String, Vec<String>)> {
    match tenant.outcome(kind) {
        Some(Outcome::Read(_)) => None,
        Some(Outcome::NotOffered { .. }) => Some(("feature_not_offered".to_owned(), Vec::new())),
        Some(Outcome::Unreadable { reason, .. }) => {
            let scope = kind.scope().filter(|_| *reason == UnknownReason::MissingScope);
            Some((reason.name().to_owned(), scope.map(str::to_owned).into_iter().collect()))
        }
        None => Some((UnknownReason::ApiError.name().to_owned(), Vec::new())),
    }
}

/// Whether a connection test with these outcomes is `connected`: every essential reading was read.
pub fn essentials_read(tenant: &Tenant) -> bool {
    ReadingKind::fetched()
        .filter(|kind| kind.need() == Need::Essential)
        .all(|kind| matches!(tenant.outcome(kind), Some(Outcome::Read(_))))
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
