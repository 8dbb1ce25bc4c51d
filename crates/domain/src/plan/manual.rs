//! Findings that no action of a plan resolves: steps for people, without a projected score.

use std::collections::{BTreeMap, BTreeSet};

use super::{PlannedFinding, Situation};
use crate::checks::{self, Check};
use crate::finding::{Finding, FindingKey, LastResult};
use crate::named_enum::named_enum;
use crate::preview::Scenario;
use crate::remediation::NotApplied;

named_enum! {
    /// Why no action resolves a finding.
    pub enum ManualReason {
        /// No single call fixes it.
        NoSingleCall = "no_single_call",
        /// Its call cannot be applied to what was read.
        NotApplied = "not_applied",
        /// The check would be unknown after its call.
        NotConfirmed = "not_confirmed",
        /// The check has no conclusive result: what it reads was not read or not understood.
        NotJudged = "not_judged",
    }
}

/// The open findings of one check that no action resolves.
#[derive(Debug, Clone)]
pub struct ManualAction {
    pub check: &'static Check,
    pub reason: ManualReason,
    /// By descending priority.
    pub findings: Vec<PlannedFinding>,
}

/// Of what is open in a state and not `left` to further actions.
pub(super) fn list(
    situation: &Situation,
    state: &Scenario,
    is_wanted: &impl Fn(&Check) -> bool,
    left: &BTreeSet<FindingKey>,
    not_applied: &BTreeMap<FindingKey, NotApplied>,
) -> Vec<ManualAction> {
    let is_open = |finding: &&Finding| {
        !left.contains(&finding.key) && !situation.known.accepted.contains_key(&finding.key)
    };
    let mut open: Vec<&Finding> = state.open.values().filter(is_open).collect();
    open.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
    let mut actions: Vec<ManualAction> = Vec::new();
    for finding in open {
        let check = checks::find(&finding.key.check_id).filter(|check| is_wanted(check));
        // The steps of a check that is no longer in the catalogue are not known.
        let Some(check) = check else { continue };
        let reason = if not_applied.contains_key(&finding.key) {
            ManualReason::NotApplied
        } else if finding.result != LastResult::Fail {
            ManualReason::NotJudged
        } else if finding.change.is_some() {
            ManualReason::NotConfirmed
        } else {
            ManualReason::NoSingleCall
        };
        let same = actions.iter_mut().find(|a| a.check.id == check.id && a.reason == reason);
        match same {
            Some(action) => action.findings.push(finding.into()),
            None => actions.push(ManualAction { check, reason, findings: vec![finding.into()] }),
        }
    }
    actions
}
