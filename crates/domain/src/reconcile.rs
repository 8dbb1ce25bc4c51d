//! Reconciles an evaluation with the known findings. The caller applies the changes in one transaction. A
//! finding resolves only by a conclusive pass, or when its resource is gone from complete readings; unknown
//! neither opens nor resolves.

mod disabled_checks;
mod policy_change;
mod priorities;
mod transitions;

use std::collections::{BTreeMap, BTreeSet};

pub use policy_change::PolicyChange;

use jiff::Timestamp;

use crate::checks::{CheckOutcome, CheckResult, Evaluation, Evidence, Violation};
use crate::clock::IdSource;
use crate::finding::{
    Finding, FindingKey, FindingState, LastResult, Ranking, Transition, TransitionKind,
};
use crate::ids::{AssetId, FindingId, IntegrationId, OrganisationId, SyncId};
use crate::inconclusive::{NotApplicableReason, UnknownReason};
use crate::object::ObjectNames;
use crate::sync::FindingCounts;
use crate::tenant::{Outcome, Tenant};

/// Context of the evaluation.
#[derive(Debug, Clone)]
pub struct ReconcileContext {
    pub organisation_id: OrganisationId,
    pub integration_id: IntegrationId,
    pub asset_id: AssetId,
    /// The sync that caused it; none for acceptances.
    pub sync_id: SyncId,
    pub now: Timestamp,
    pub of_asset: TimesOfAsset,
    /// Set if the policy differs from that of the previous sync.
    pub policy_change: Option<PolicyChange>,
}

/// The findings whose time is stored once, with their asset: it moves with the next evaluation unless they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimesOfAsset {
    /// Of `last_seen_at`.
    pub seen: BTreeSet<FindingId>,
    /// Of `last_evaluated_at`.
    pub evaluated: BTreeSet<FindingId>,
}

/// Changes to store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// New and changed findings, complete.
    pub findings: Vec<Finding>,
    /// Those of `findings` that changed nothing, or only a time that is stored with their asset: nothing to write.
    pub times_only: BTreeSet<FindingId>,
    pub transitions: Vec<Transition>,
    pub counts: FindingCounts,
}

/// Compares the known findings of an integration with an evaluation.
pub fn reconcile(
    known: Vec<Finding>,
    tenant: &Tenant,
    evaluation: &Evaluation,
    occasion: &ReconcileContext,
    ids: &dyn IdSource,
) -> Changes {
    let known =
        known.into_iter().map(|finding| disabled_checks::enabled_again(finding, evaluation));
    let mut known: BTreeMap<FindingKey, Finding> =
        known.map(|finding| (finding.key.clone(), finding)).collect();
    let names = ObjectNames::new(tenant);
    let mut run = Run { tenant, names, occasion, ids, out: Changes::default() };
    for outcome in &evaluation.outcomes {
        for each in &outcome.results {
            let key = FindingKey {
                check_id: outcome.check.id.to_owned(),
                resource: each.resource.clone(),
            };
            let before = known.remove(&key);
            run.observe(key, before, outcome, &each.result);
        }
        let left: Vec<FindingKey> =
            known.keys().filter(|key| key.check_id == outcome.check.id).cloned().collect();
        for finding in left.iter().filter_map(|key| known.remove(key)) {
            run.not_listed(finding, outcome);
        }
    }
    for finding in known.into_values() {
        if evaluation.disabled.contains(finding.key.check_id.as_str()) {
            run.disable(finding);
        } else if evaluation.not_enabled.iter().any(|check| check.id == finding.key.check_id) {
            run.inconclusive(finding, &CheckResult::Unknown(UnknownReason::MissingScope));
        } else if run.times_of_asset(finding.id) != (false, false) {
            // Of a check that exists no more.
            run.out.findings.push(finding);
        }
    }
    run.rank();
    run.out
}

struct Run<'a> {
    tenant: &'a Tenant,
    names: ObjectNames<'a>,
    occasion: &'a ReconcileContext,
    ids: &'a dyn IdSource,
    out: Changes,
}

impl Run<'_> {
    fn observe(
        &mut self,
        key: FindingKey,
        before: Option<Finding>,
        outcome: &CheckOutcome,
        result: &CheckResult,
    ) {
        match (before, result) {
            (None, CheckResult::Fail(violation)) => self.open(key, outcome, violation),
            (Some(finding), CheckResult::Fail(violation)) => {
                self.fail_again(finding, outcome, violation);
            }
            (Some(finding), CheckResult::Pass) => {
                let after = self.values_now(&finding, outcome);
                self.pass(finding, TransitionKind::Resolved, after);
            }
            (Some(finding), CheckResult::Unknown(_) | CheckResult::NotApplicable(_)) => {
                self.inconclusive(finding, result);
            }
            (None, _) => {}
        }
    }

    /// A finding whose resource the check no longer lists.
    fn not_listed(&mut self, finding: Finding, outcome: &CheckOutcome) {
        if outcome.is_complete {
            self.pass(finding, TransitionKind::ResourceGone, Vec::new());
        } else if self.is_of_retired(&finding, outcome) {
            let retired = NotApplicableReason::FeatureNotOffered;
            self.inconclusive(finding, &CheckResult::NotApplicable(retired));
        } else {
            self.inconclusive(finding, &outcome.overall);
        }
    }

    /// Whether Auth0 no longer offers the collection that the finding's object was in.
    fn is_of_retired(&self, finding: &Finding, outcome: &CheckOutcome) -> bool {
        let collection = finding.key.resource.rsplit_once('/').map(|(collection, _)| collection);
        let mut kinds = outcome.check.reads.iter().copied();
        kinds.any(|kind| {
            Some(kind.resource()) == collection
                && matches!(self.tenant.outcome(kind), Some(Outcome::NotOffered { .. }))
        })
    }

    fn open(&mut self, key: FindingKey, outcome: &CheckOutcome, violation: &Violation) {
        let now = self.occasion.now;
        let finding = Finding {
            organisation_id: self.occasion.organisation_id.clone(),
            id: FindingId(self.ids.next()),
            integration_id: self.occasion.integration_id,
            asset_id: self.occasion.asset_id,
            key,
            check_version: outcome.check.version,
            title: outcome.check.title.to_owned(),
            object_name: None,
            severity: violation.severity,
            ranking: Ranking::default(),
            confidence: violation.confidence,
            state: FindingState::Open,
            result: LastResult::Fail,
            evidence: violation.evidence.clone(),
            change: violation.change.clone(),
            first_seen_at: now,
            last_seen_at: now,
            last_evaluated_at: now,
            open_since: now,
            resolved_at: None,
            reopen_count: 0,
        };
        self.out.counts.opened += 1;
        let cause = self.policy_cause(&finding.key, |result| !fails(result));
        let after = violation.evidence.clone();
        self.record_transition(&finding, (TransitionKind::Opened, cause), Vec::new(), after);
        self.out.findings.push(finding);
    }

    fn fail_again(&mut self, before: Finding, outcome: &CheckOutcome, violation: &Violation) {
        let now = self.occasion.now;
        let mut finding = before.clone();
        finding.check_version = outcome.check.version;
        outcome.check.title.clone_into(&mut finding.title);
        finding.severity = before.severity_after(violation);
        finding.confidence = violation.confidence;
        finding.evidence.clone_from(&violation.evidence);
        finding.change.clone_from(&violation.change);
        finding.result = LastResult::Fail;
        finding.last_seen_at = now;
        finding.last_evaluated_at = now;
        if before.state == FindingState::Resolved {
            finding.state = FindingState::Open;
            finding.open_since = now;
            finding.resolved_at = None;
            finding.reopen_count += 1;
            self.out.counts.reopened += 1;
            let after = finding.evidence.clone();
            let cause = self.policy_cause(&finding.key, |result| !fails(result));
            self.record_transition(
                &finding,
                (TransitionKind::Reopened, cause),
                before.evidence,
                after,
            );
        } else {
            self.out.counts.unchanged += 1;
            let seen_again =
                Finding { last_seen_at: now, last_evaluated_at: now, ..before.clone() };
            if self.times_of_asset(before.id) == (true, true) && seen_again == finding {
                self.out.times_only.insert(finding.id);
            }
            if before.evidence != finding.evidence || before.severity != finding.severity {
                let after = finding.evidence.clone();
                let cause = self.policy_cause(&finding.key, |result| {
                    matches!(result, CheckResult::Fail(formerly)
                        if formerly.evidence == before.evidence
                            && formerly.severity == before.severity)
                });
                self.record_transition(
                    &finding,
                    (TransitionKind::Changed, cause),
                    before.evidence,
                    after,
                );
            }
        }
        self.out.findings.push(finding);
    }

    fn pass(&mut self, mut finding: Finding, how: TransitionKind, after: Vec<Evidence>) {
        if finding.state == FindingState::Resolved
            && finding.result == LastResult::Pass
            && self.times_of_asset(finding.id) == (false, true)
        {
            self.out.times_only.insert(finding.id);
        }
        finding.result = LastResult::Pass;
        finding.last_evaluated_at = self.occasion.now;
        if finding.state == FindingState::Open {
            finding.state = FindingState::Resolved;
            finding.resolved_at = Some(self.occasion.now);
            self.out.counts.resolved += 1;
            let cause = match how {
                TransitionKind::Resolved => self.policy_cause(&finding.key, fails),
                _ => None,
            };
            self.record_transition(&finding, (how, cause), finding.evidence.clone(), after);
        }
        self.out.findings.push(finding);
    }

    fn inconclusive(&mut self, mut finding: Finding, result: &CheckResult) {
        let now = match result {
            CheckResult::Unknown(reason) => LastResult::Unknown(*reason),
            CheckResult::NotApplicable(reason) => LastResult::NotApplicable(*reason),
            // Other objects of the collection were evaluated; this one was not seen.
            CheckResult::Pass | CheckResult::Fail(_) => {
                LastResult::Unknown(UnknownReason::Truncated)
            }
        };
        if finding.result == now && self.times_of_asset(finding.id) == (false, false) {
            self.out.times_only.insert(finding.id);
        }
        finding.result = now;
        self.out.findings.push(finding);
    }

    /// Whether `last_seen_at` and `last_evaluated_at` are stored with the asset.
    fn times_of_asset(&self, id: FindingId) -> (bool, bool) {
        let of_asset = &self.occasion.of_asset;
        (of_asset.seen.contains(&id), of_asset.evaluated.contains(&id))
    }
}

fn fails(result: &CheckResult) -> bool {
    matches!(result, CheckResult::Fail(_))
}

#[cfg(test)]
mod tests;
