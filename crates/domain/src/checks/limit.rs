//! Checks on one number of a resource that has to stay within a limit.

use super::prelude::*;

/// A number and its limit.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The reading that holds the number, and where.
    pub kind: ReadingKind,
    pub pointer: &'static str,
    pub value: fn(&Tenant) -> Result<u64, Inconclusive>,
    pub bound: Bound,
    /// A limit that is further off, and the severity of a number that passes that too.
    pub worse: Option<(&'static Threshold, Severity)>,
    /// None where no call fixes it.
    pub fix: Option<fn(&Tenant, EffectiveThresholds<'_>) -> Change>,
}

/// On which side of its limit a number has to be.
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

    /// A rate that is as low as the far limit is past it; a number that is too high has to exceed it.
    fn is_past(self, value: u64, far: u64) -> bool {
        match self.bound {
            Bound::AtMost(_) => value > far,
            Bound::AtLeast(_) => value <= far,
        }
    }
}
