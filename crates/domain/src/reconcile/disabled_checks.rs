//! Findings of checks that the policy disables. Nobody resolves them: they are hidden, and open again when the check is
//! enabled again.

use super::Run;
use crate::checks::{CheckResult, Evaluation};
use crate::finding::{Finding, FindingState};
use crate::inconclusive::NotApplicableReason;

/// The finding before this evaluation, open if its check runs again.
pub(super) fn enabled_again(mut finding: Finding, evaluation: &Evaluation) -> Finding {
    let is_disabled = evaluation.disabled.contains(finding.key.check_id.as_str());
    if finding.state == FindingState::Disabled && !is_disabled {
        finding.state = FindingState::Open;
    }
    finding
}

impl Run<'_> {
    pub(super) fn disable(&mut self, mut finding: Finding) {
        if finding.state == FindingState::Open {
            finding.state = FindingState::Disabled;
        }
        self.inconclusive(
            finding,
            &CheckResult::NotApplicable(NotApplicableReason::DisabledByPolicy),
        );
    }
}
