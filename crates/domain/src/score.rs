//! One number for a tenant: `round(100 × Σw(pass) ÷ Σw(pass + fail + parent_failed))`, each check
//! once at its worst resource.

use crate::checks::{CheckResult, Evaluation, Severity};
use crate::tenant::NotApplicableReason;

const fn weight(severity: Severity) -> u64 {
    match severity {
        Severity::Critical => 40,
        Severity::High => 20,
        Severity::Medium => 8,
        Severity::Low => 3,
        Severity::Info => 0,
    }
}

/// 0 to 100; none when nothing was judged. Unknown checks are left out: coverage shows them.
pub fn score(evaluation: &Evaluation) -> Option<u8> {
    let (mut passed, mut judged) = (0, 0);
    for outcome in &evaluation.outcomes {
        match &outcome.overall {
            CheckResult::Pass => {
                passed += weight(outcome.check.severity);
                judged += weight(outcome.check.severity);
            }
            CheckResult::Fail(violation) => judged += weight(violation.severity),
            CheckResult::NotApplicable(NotApplicableReason::ParentFailed) => {
                judged += weight(outcome.check.severity);
            }
            CheckResult::Unknown(_) | CheckResult::NotApplicable(_) => {}
        }
    }
    let rounded = (200 * passed + judged).checked_div(2 * judged)?;
    u8::try_from(rounded).ok()
}
