//! What another policy would make of one tenant: what its next sync would leave by the present policy,
//! and by the other, if nothing else changed. Pure. Not here: what a policy says (`policy`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::acceptance::Reason;
use crate::checks::{self, Evaluation, Evidence, Severity};
use crate::clock::IdSource;
use crate::coverage;
use crate::finding::{Finding, FindingKey, FindingState};
use crate::policy::Policy;
use crate::reconcile::{ReconcileContext, reconcile};
use crate::score::ScoreInputs;
use crate::tenant::Tenant;

/// Changes of one tenant that are told.
pub const CHANGES_MAX: usize = 500;
/// What a change takes beside its resource and its evidence, in bytes of JSON.
const CHANGE_FRAME: usize = 400;

/// What is known of an integration.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Its findings, the resolved ones too.
    pub findings: Vec<Finding>,
    /// Why each is accepted, while that is in force; resolved ones too.
    pub accepted: BTreeMap<FindingKey, Reason>,
}

/// What would be another.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// By the present policy.
    pub before: Summary,
    /// By the other.
    pub after: Summary,
    /// Open by the other alone, the worst first.
    pub would_open: Vec<Change>,
    /// Open by the present one alone, the worst first.
    pub would_close: Vec<Change>,
    /// Open by both, with another severity, the worst first.
    pub would_change_severity: Vec<Change>,
    /// There are more changes than are listed.
    pub is_truncated: bool,
}

/// An asset in figures, as a sync would leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// 0 to 100, with what is accepted now; none when nothing was judged.
    pub score: Option<u8>,
    /// What the score rests on.
    pub coverage_percent: Option<u8>,
    /// Open findings, the accepted ones left out.
    pub findings: BTreeMap<Severity, u32>,
    /// Accepted findings.
    pub accepted: u32,
}

/// One finding that would open, close, or have another severity.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Check and resource.
    pub key: FindingKey,
    /// What is wrong.
    pub title: String,
    /// Where it is open by the present policy.
    pub severity_before: Option<Severity>,
    /// Where it is open by the other.
    pub severity_after: Option<Severity>,
    /// It is accepted, so where it is open it is shown as accepted.
    pub is_accepted: bool,
    /// By the other policy; empty where it closes.
    pub evidence: Vec<Evidence>,
}

/// Judges the tenant by both, with today's checks, and compares.
pub fn between(
    known: &Baseline,
    tenant: &Tenant,
    [present, other]: [&Policy; 2],
    occasion: &ReconcileContext,
) -> Preview {
    let before = Scenario::of(known, tenant, present, occasion);
    let after = Scenario::of(known, tenant, other, occasion);
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
    /// Leaves out what is too much for one tenant, or for the room that is left in an answer, in bytes
    /// of JSON.
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
        // What cannot be written does not fit.
        json.map_or(usize::MAX, |json| json.len().saturating_add(CHANGE_FRAME))
    }
}

/// What a sync would leave by one policy.
struct Scenario {
    evaluation: Evaluation,
    open: BTreeMap<FindingKey, Finding>,
}

impl Scenario {
    fn of(known: &Baseline, tenant: &Tenant, policy: &Policy, occasion: &ReconcileContext) -> Self {
        let evaluation = checks::evaluate_by(tenant, policy);
        let reconciled = reconcile(known.findings.clone(), tenant, &evaluation, occasion, &NoIds);
        // What is touched stands in the place of what is known, as in the database.
        let all = known.findings.iter().cloned().chain(reconciled.findings);
        let mut open: BTreeMap<_, _> = all.map(|finding| (finding.key.clone(), finding)).collect();
        open.retain(|_, finding| finding.state == FindingState::Open);
        Self { evaluation, open }
    }

    fn figures(&self, known: &Baseline) -> Summary {
        let is_waived = |check: &str, resource: &str| {
            let key = FindingKey { check_id: check.to_owned(), resource: resource.to_owned() };
            let reason = known.accepted.get(&key).filter(|_| self.open.contains_key(&key));
            reason.is_some_and(|reason| reason.counts_as_pass())
        };
        let mut figures = Summary {
            score: ScoreInputs::of(&self.evaluation, self.open.values()).score(is_waived),
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

/// Nothing is kept, so nothing needs an id.
struct NoIds;

impl IdSource for NoIds {
    fn next(&self) -> Uuid {
        Uuid::nil()
    }
}

#[cfg(test)]
mod tests;
