//! Policy preview: the result of a tenant's next sync under the current and under the proposed policy, if
//! nothing else changes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::acceptance::Reason;
use crate::checks::{self, Evaluation, Evidence, Severity};
use crate::clock::IdSource;
use crate::coverage;
use crate::finding::{Finding, FindingKey, FindingState};
use crate::named_enum::named_enum;
use crate::policy::Policy;
use crate::reconcile::{ReconcileContext, reconcile};
use crate::score::ScoreInputs;
use crate::tenant::Tenant;

/// Maximum number of changes reported for one tenant.
pub const CHANGES_MAX: usize = 500;
/// Size of a change without its resource and evidence, in bytes of JSON.
const CHANGE_FRAME: usize = 400;

named_enum! {
    /// Why an integration was not evaluated.
    pub enum NotEvaluated {
        /// It does not exist in the caller's organisation.
        NotFound = "not_found",
        Deleted = "deleted",
        /// No sync has succeeded yet.
        NeverSynced = "never_synced",
        /// The latest snapshot is no longer stored.
        NotKept = "not_kept",
        /// The latest snapshot was too large to store.
        TooLarge = "too_large",
        /// Another version of this service wrote the snapshot.
        NotUnderstood = "not_understood",
    }
}

/// Stored state of an integration.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// All findings, including resolved ones.
    pub findings: Vec<Finding>,
    /// Reasons of the acceptances in force, including those of resolved findings.
    pub accepted: BTreeMap<FindingKey, Reason>,
}

/// Differences between the two policies.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Under the current policy.
    pub before: Summary,
    /// Under the proposed policy.
    pub after: Summary,
    /// Open under the proposed policy only, worst first.
    pub would_open: Vec<Change>,
    /// Open under the current policy only, worst first.
    pub would_close: Vec<Change>,
    /// Open under both with different severities, worst first.
    pub would_change_severity: Vec<Change>,
    /// True if there are more changes than listed.
    pub is_truncated: bool,
}

/// Figures of an asset after a sync.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// From 0 to 100, with the acceptances in force. None: no check is conclusive.
    pub score: Option<u8>,
    /// None: no check is conclusive.
    pub coverage_percent: Option<u8>,
    /// Open findings without accepted ones.
    pub findings: BTreeMap<Severity, u32>,
    /// Number of accepted findings.
    pub accepted: u32,
}

/// A finding that would open, close or change severity.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub key: FindingKey,
    pub title: String,
    /// Set if open under the current policy.
    pub severity_before: Option<Severity>,
    /// Set if open under the proposed policy.
    pub severity_after: Option<Severity>,
    /// An acceptance is in force: the finding is shown as accepted.
    pub is_accepted: bool,
    /// Evidence under the proposed policy; empty if the finding closes.
    pub evidence: Vec<Evidence>,
}

/// Evaluates the tenant under both policies with today's checks, and compares.
pub fn between(
    known: &Baseline,
    tenant: &Tenant,
    [present, other]: [&Policy; 2],
    occasion: &ReconcileContext,
) -> Preview {
    let before = Scenario::simulate(known, tenant, present, occasion);
    let after = Scenario::simulate(known, tenant, other, occasion);
    let mut preview = Preview {
        before: before.figures(known),
        after: after.figures(known),
        would_open: Vec::new(),
        would_close: Vec::new(),
        would_change_severity: Vec::new(),
        is_truncated: false,
    };
    for (key, finding) in &after.open {
        match before.open.get(key) {
            None => preview.would_open.push(change(known, None, Some(finding))),
            Some(was) if was.severity != finding.severity => {
                preview.would_change_severity.push(change(known, Some(was), Some(finding)));
            }
            Some(_) => {}
        }
    }
    for (_, was) in before.open.iter().filter(|(key, _)| !after.open.contains_key(*key)) {
        preview.would_close.push(change(known, Some(was), None));
    }
    for changes in preview.lists() {
        changes.sort_by_key(|each| Reverse(each.severity_after.or(each.severity_before)));
    }
    preview
}

impl Preview {
    /// Truncates the changes to the maximum for one tenant and to the remaining space of the response, in
    /// bytes of JSON.
    pub fn cut(&mut self, room: &mut usize) {
        let mut left = CHANGES_MAX;
        let mut is_full = false;
        for changes in self.lists() {
            changes.retain(|each| {
                let size = each.size();
                is_full = is_full || left == 0 || size > *room;
                if !is_full {
                    left -= 1;
                    *room -= size;
                }
                !is_full
            });
        }
        self.is_truncated |= is_full;
    }

    fn lists(&mut self) -> [&mut Vec<Change>; 3] {
        [&mut self.would_open, &mut self.would_change_severity, &mut self.would_close]
    }
}

impl Change {
    fn size(&self) -> usize {
        let json = serde_json::to_string(&(&self.key.resource, &self.evidence));
        // A value that cannot be serialised does not fit.
        json.map_or(usize::MAX, |json| json.len().saturating_add(CHANGE_FRAME))
    }
}

/// The result of a sync under one policy.
pub(crate) struct Scenario {
    pub(crate) evaluation: Evaluation,
    pub(crate) open: BTreeMap<FindingKey, Finding>,
}

impl Scenario {
    pub(crate) fn simulate(
        known: &Baseline,
        tenant: &Tenant,
        policy: &Policy,
        occasion: &ReconcileContext,
    ) -> Self {
        let evaluation = checks::evaluate_by(tenant, policy);
        let reconciled = reconcile(known.findings.clone(), tenant, &evaluation, occasion, &NoIds);
        // Touched findings replace known ones, as in the database.
        let all = known.findings.iter().cloned().chain(reconciled.findings);
        let mut open: BTreeMap<_, _> = all.map(|finding| (finding.key.clone(), finding)).collect();
        open.retain(|_, finding| finding.state == FindingState::Open);
        Self { evaluation, open }
    }

    pub(crate) fn result_count(&self) -> usize {
        self.evaluation.outcomes.iter().map(|outcome| outcome.results.len()).sum()
    }

    pub(crate) fn figures(&self, known: &Baseline) -> Summary {
        let is_waived = |check: &str, resource: &str| {
            let key = FindingKey { check_id: check.to_owned(), resource: resource.to_owned() };
            let reason = known.accepted.get(&key).filter(|_| self.open.contains_key(&key));
            reason.is_some_and(|reason| reason.counts_as_pass())
        };
        let mut figures = Summary {
            score: ScoreInputs::from_evaluation(&self.evaluation, self.open.values())
                .score(is_waived),
            coverage_percent: coverage::coverage_percent(&coverage::counts(&self.evaluation)),
            ..Summary::default()
        };
        for (key, finding) in &self.open {
            if known.accepted.contains_key(key) {
                figures.accepted += 1;
            } else {
                *figures.findings.entry(finding.severity).or_default() += 1;
            }
        }
        figures
    }
}

fn change(known: &Baseline, before: Option<&Finding>, after: Option<&Finding>) -> Change {
    let shown = after.or(before).expect("a change is open by one of the two policies");
    Change {
        key: shown.key.clone(),
        title: shown.title.clone(),
        severity_before: before.map(|finding| finding.severity),
        severity_after: after.map(|finding| finding.severity),
        is_accepted: known.accepted.contains_key(&shown.key),
        evidence: after.map(|finding| finding.evidence.clone()).unwrap_or_default(),
    }
}

/// Nothing is stored, so ids do not matter.
struct NoIds;

impl IdSource for NoIds {
    fn next(&self) -> Uuid {
        Uuid::nil()
    }
}

#[cfg(test)]
mod tests;
