//! The plan of a tenant: what to do, in order, with the score after each step. Each action is one call. Its effect is
//! computed: the call is applied to the readings and the result is evaluated again, as the next sync would do.
//! Nothing is sent to the tenant.

mod candidates;
mod manual;
mod selection;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use uuid::Uuid;

use crate::checks::{Check, Effort, Severity};
use crate::finding::{Finding, FindingKey};
use crate::ids::{AssetId, FindingId, IntegrationId, OrganisationId, SyncId};
use crate::policy::Policy;
use crate::preview::{Baseline, Scenario, Summary};
use crate::reconcile::{ReconcileContext, TimesOfAsset};
use crate::remediation::{Fix, NotApplied};
use crate::tenant::Tenant;
use candidates::Candidate;

pub use manual::{ManualAction, ManualReason};
pub use selection::Selection;
pub use what_if::WhatIf;

/// Maximum number of actions.
pub const ACTIONS_MAX: usize = 100;
/// Maximum number of results of checks that a plan computes. It bounds the time that a large tenant takes.
const RESULTS_MAX: usize = 300_000;

/// What a plan rests on.
#[derive(Debug, Clone)]
pub struct Situation {
    pub known: Baseline,
    pub tenant: Tenant,
    pub policy: Policy,
    pub context: ReconcileContext,
}

/// Actions in order. Each rests on the earlier ones.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Before the first action.
    pub before: Summary,
    /// After the last one.
    pub after: Summary,
    pub actions: Vec<Action>,
    /// Findings that are still open after all actions.
    pub manual: Vec<ManualAction>,
    /// There are more actions: the maximum was reached, or the tenant is too large to compute them.
    pub is_truncated: bool,
}

/// One call that resolves findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub id: ActionId,
    pub fix: Fix,
    pub required_scope: Option<&'static str>,
    pub effort: Effort,
    pub side_effects: Vec<&'static str>,
    /// By descending priority.
    pub resolves: Vec<PlannedFinding>,
    /// Findings that are open afterwards and were not before, because they can only be judged now.
    pub opens: Vec<PlannedFinding>,
    /// Earlier actions that it rests on: they change the same resource, or open a finding that it resolves.
    pub after: Vec<ActionId>,
    pub score_before: Option<u8>,
    /// If all earlier actions are done too.
    pub score_after: Option<u8>,
}

/// Identifies an action by its call, so that the same call has the same id in every plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(String);

/// A finding that an action resolves or opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFinding {
    /// None: it is not stored yet.
    pub id: Option<FindingId>,
    pub key: FindingKey,
    pub title: String,
    /// Name of the object that the resource names.
    pub object_name: Option<String>,
    pub severity: Severity,
}

impl Plan {
    /// Plans for the findings of these checks that are open and not accepted, while `has_time`: a large tenant gets the
    /// actions that were found by then.
    pub fn build(
        situation: &Situation,
        is_wanted: impl Fn(&Check) -> bool,
        has_time: impl Fn() -> bool,
    ) -> Self {
        let mut tenant = situation.tenant.clone();
        let mut state = situation.state_of(&tenant);
        let before = state.figures(&situation.known);
        let mut plan = Self {
            after: before.clone(),
            before,
            actions: Vec::new(),
            manual: Vec::new(),
            is_truncated: false,
        };
        let mut tried = BTreeSet::new();
        let mut not_applied: BTreeMap<FindingKey, NotApplied> = BTreeMap::new();
        let mut results = 0;
        loop {
            let next = candidates::find(&situation.known, &state, &is_wanted)
                .find(|each| !tried.contains(&each.id));
            let Some(next) = next else { break };
            if plan.actions.len() == ACTIONS_MAX || results > RESULTS_MAX || !has_time() {
                plan.is_truncated = true;
                break;
            }
            tried.insert(next.id.clone());
            let mut changed = tenant.clone();
            if let Err(why) = next.fix.call.apply_to(&mut changed) {
                not_applied.extend(next.keys.into_iter().map(|key| (key, why)));
                continue;
            }
            let reached = situation.state_of(&changed);
            results += reached.result_count();
            let resolves = situation.only_in(&state, &reached);
            // Beside values that are not understood, a check can be unknown after its fix.
            if !resolves.iter().any(|finding| next.keys.contains(&finding.key)) {
                continue;
            }
            let opens = situation.only_in(&reached, &state);
            let after = reached.figures(&situation.known);
            plan.push(next, (resolves, opens), &after);
            (tenant, state, plan.after) = (changed, reached, after);
        }
        let left = candidates::find(&situation.known, &state, &is_wanted);
        let left = left.filter(|each| !tried.contains(&each.id)).flat_map(|each| each.keys);
        plan.manual = manual::list(situation, &state, &is_wanted, &left.collect(), &not_applied);
        plan
    }

    fn push(
        &mut self,
        next: Candidate,
        (resolves, opens): (Vec<PlannedFinding>, Vec<PlannedFinding>),
        after: &Summary,
    ) {
        let rests_on = |earlier: &&Action| {
            earlier.fix.call.path == next.fix.call.path
                || earlier.opens.iter().any(|opened| resolves.iter().any(|f| f.key == opened.key))
        };
        let earlier = self.actions.iter().filter(rests_on).map(|each| each.id.clone());
        self.actions.push(Action {
            after: earlier.collect(),
            id: next.id,
            fix: next.fix,
            required_scope: next.required_scope,
            effort: next.effort,
            side_effects: next.side_effects,
            resolves,
            opens,
            score_before: self.after.score,
            score_after: after.score,
        });
    }
}

impl Situation {
    /// Without stored findings, for the command line.
    #[expect(clippy::missing_panics_doc, reason = "the name is valid")]
    pub fn of_tenant(tenant: Tenant, policy: Policy) -> Self {
        let context = ReconcileContext {
            organisation_id: OrganisationId::parse("command-line").expect("it is a name"),
            integration_id: IntegrationId(Uuid::nil()),
            asset_id: AssetId(Uuid::nil()),
            sync_id: SyncId(Uuid::nil()),
            now: tenant.observed_at,
            of_asset: TimesOfAsset::default(),
            policy_change: None,
        };
        Self { known: Baseline::default(), tenant, policy, context }
    }

    /// The result of a sync that reads this tenant.
    fn state_of(&self, tenant: &Tenant) -> Scenario {
        Scenario::simulate(&self.known, tenant, &self.policy, &self.context)
    }

    /// Findings that are open in the first state only, and not accepted, by descending priority.
    fn only_in(&self, first: &Scenario, second: &Scenario) -> Vec<PlannedFinding> {
        let findings = first.open.iter().filter(|(key, _)| {
            !second.open.contains_key(*key) && !self.known.accepted.contains_key(*key)
        });
        let mut findings: Vec<&Finding> = findings.map(|(_, finding)| finding).collect();
        findings.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        findings.into_iter().map(PlannedFinding::from).collect()
    }
}

impl From<&Finding> for PlannedFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            id: Some(finding.id).filter(|id| !id.0.is_nil()),
            key: finding.key.clone(),
            title: finding.title.clone(),
            object_name: finding.object_name.clone(),
            severity: finding.severity,
        }
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
