//! Checks on a number that must stay within a limit.

use super::{
    Change, EffectiveThresholds, Expected, Judgement, Severity, Threshold, Verdict, Violation,
};
use crate::inconclusive::Inconclusive;
use crate::readings::ReadingKind;
use crate::tenant::Tenant;

#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Location of the number.
    pub kind: ReadingKind,
    pub pointer: &'static str,
    pub value: fn(&Tenant) -> Result<u64, Inconclusive>,
    pub bound: Bound,
    /// A further limit, and the severity beyond it.
    pub worse: Option<(&'static Threshold, Severity)>,
    /// None: no call fixes it.
    pub fix: Option<fn(&Tenant, EffectiveThresholds<'_>) -> Change>,
}

#[derive(Debug, Clone, Copy)]
pub enum Bound {
    AtMost(&'static Threshold),
    AtLeast(&'static Threshold),
}

impl Limit {
    pub(super) fn judge(
        self,
        severity: Severity,
        tenant: &Tenant,
        thresholds: EffectiveThresholds<'_>,
    ) -> Judgement {
        let value = (self.value)(tenant)?;
        let (expected, is_within) = match self.bound {
            Bound::AtMost(most) => {
                let most = thresholds.value_of(most);
                (Expected::AtMost(most), value <= most)
            }
            Bound::AtLeast(least) => {
                let least = thresholds.value_of(least);
                (Expected::AtLeast(least), value >= least)
            }
        };
        if is_within {
            return Ok(Verdict::Pass);
        }
        let severity = match self.worse {
            Some((far, worse)) if self.is_past(value, thresholds.value_of(far)) => worse,
            _ => severity,
        };
        Violation::at(tenant, severity, self.kind, self.pointer, &expected)
            .fixed_by_opt(self.fix.map(|fix| fix(tenant, thresholds)))
            .into_failure()
    }

    /// Inclusive for a minimum, exclusive for a maximum.
    fn is_past(self, value: u64, far: u64) -> bool {
        match self.bound {
            Bound::AtMost(_) => value > far,
            Bound::AtLeast(_) => value <= far,
        }
    }
}
