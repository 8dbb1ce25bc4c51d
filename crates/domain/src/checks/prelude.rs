//! What most checks import.

pub use super::objects::{Object, each};
pub use super::{
    Bound, Change, Check, Choice, Condition, Confidence, EffectiveThresholds, Evidence, Expected,
    Judgement, Judgements, Limit, Method, Remediation, Rule, Severity, SideEffects, Switch,
    SwitchOf, Threshold, Verdict, Violation, applies_when, sets,
};
pub use crate::inconclusive::{Inconclusive, UnknownReason};
pub use crate::readings::ReadingKind;
pub use crate::tenant::Tenant;
pub use serde_json::json;
