//! Checks on a setting with named values, some of which are wrong.

use serde_json::json;

use super::{Change, Expected, Judgement, Severity, Verdict, Violation};
use crate::inconclusive::Inconclusive;
use crate::readings::ReadingKind;
use crate::tenant::Tenant;

#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Location of the setting.
    pub kind: ReadingKind,
    pub pointer: &'static str,
    pub is_wrong: fn(&Tenant) -> Result<bool, Inconclusive>,
    /// Passing values; the fix sets the first.
    pub right: &'static [&'static str],
}

impl Choice {
    pub(super) fn judge(self, severity: Severity, tenant: &Tenant) -> Judgement {
        if !(self.is_wrong)(tenant)? {
            return Ok(Verdict::Pass);
        }
        let expected = match self.right {
            [only] => Expected::Is(json!(only)),
            several => Expected::OneOf(several),
        };
        Violation::at(tenant, severity, self.kind, self.pointer, &expected)
            .fixed_by(Change::set(tenant, self.kind, self.pointer, json!(self.right[0])))
            .into_failure()
    }
}
