//! The transitions of findings: their cause, and the values that they show.

use super::{Run, policy_change};
use crate::checks::{CheckOutcome, CheckResult, Evidence};
use crate::finding::{Finding, FindingKey, Transition, TransitionCause, TransitionKind};
use crate::ids::TransitionId;
use crate::readings::ReadingKind;

impl Run<'_> {
    /// The passing values at the locations of the evidence. Left out for statistics, which are evaluated as
    /// aggregates, and for collections, whose objects move. `expected` is that of the policy in force.
    pub(super) fn values_now(&self, finding: &Finding, outcome: &CheckOutcome) -> Vec<Evidence> {
        if outcome.check.evaluate.is_on_collection() {
            return Vec::new();
        }
        let points = |e: &&Evidence| e.reading != ReadingKind::DailyStats && !e.may_compensate;
        let pointed = finding.evidence.iter().filter(points);
        let change = self.occasion.policy_change.as_ref();
        let now = |e: &Evidence| {
            let found = self.tenant.value_at(e.reading, &e.pointer);
            let expected = policy_change::expected_now(outcome.check, change, e, &found);
            Evidence::wrong(e.reading, &*e.pointer, found, expected)
                .assuming(self.tenant.assumed_at(e.reading, &e.pointer))
        };
        pointed.map(now).collect()
    }

    /// `PolicyChanged` if, under the former policy, the finding would not have changed.
    pub(super) fn policy_cause(
        &self,
        key: &FindingKey,
        leaves: impl Fn(&CheckResult) -> bool,
    ) -> Option<TransitionCause> {
        let formerly = self.occasion.policy_change.as_ref()?.formerly(key)?;
        leaves(formerly).then_some(TransitionCause::PolicyChanged)
    }

    pub(super) fn record_transition(
        &mut self,
        finding: &Finding,
        (kind, cause): (TransitionKind, Option<TransitionCause>),
        before: Vec<Evidence>,
        after: Vec<Evidence>,
    ) {
        self.out.transitions.push(Transition {
            id: TransitionId(self.ids.next()),
            finding_id: finding.id,
            kind,
            at: self.occasion.now,
            sync_id: Some(self.occasion.sync_id),
            before,
            after,
            cause,
            by: None,
            terms: None,
        });
    }
}
