//! The catalogue of checks, and the evaluation of a tenant. Each check has one file in the folder of its area, and a
//! line in `CHECKS` of the area. The life of a finding is in `reconcile`.

#![cfg_attr(
    test,
    expect(clippy::needless_pass_by_value, reason = "tests hand over what they made in the call")
)]

mod catalogue;
mod evaluate;
mod evidence;
mod policy;
mod prelude;
pub mod scopes;
pub mod sets;
#[cfg(test)]
pub(crate) mod testing;
mod unknown;

// Shared by several areas.
mod addresses;
mod allowlist;
mod choice;
mod in_use;
mod limit;
mod management_api;
mod objects;
mod protection;
mod remediation;
mod rule;
mod runtime;
mod signups;
mod switch;
mod threshold;
mod window;

// Areas.
mod apis;
mod applications;
mod bot_detection;
mod breached_password;
mod brute_force;
mod captcha;
mod combinations;
mod connections;
mod extensions;
mod grants;
mod integration_client;
mod mfa;
mod mfa_factors;
mod phone_provider;
mod platform;
mod risk;
mod statistics;
mod suspicious_ip;
mod tenant_settings;

#[cfg(test)]
mod tests;

pub use catalogue::CATALOGUE;
pub use choice::Choice;
pub use evaluate::{CheckOutcome, CheckResult, Evaluation, ResourceResult, evaluate, evaluate_by};
pub use evidence::{Change, Evidence, Expected, Violation};
pub use limit::{Bound, Limit};
pub use policy::{Disabled, EffectiveThresholds, Policy};
pub use remediation::{Effort, Method, Remediation, SideEffects};
pub(crate) use remediation::{object_id, percent_encoded};
pub use rule::Rule;
pub use sets::ControlSet;
pub use switch::{Switch, SwitchOf};
pub use threshold::Threshold;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::named_enum::named_enum;
use crate::readings::ReadingKind;
use crate::tenant::Tenant;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Highest first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Name in the API; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

named_enum! {
    /// Confidence in a failure, given what the scopes show. Lowest first.
    pub enum Confidence {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

impl Confidence {
    /// One level lower, because something may compensate for the failure.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

#[derive(Debug)]
pub struct Check {
    /// Kebab case; never changes.
    pub id: &'static str,
    /// Incremented when the condition changes.
    pub version: u16,
    pub title: &'static str,
    /// A violation may have another, by the tenant's values.
    pub severity: Severity,
    /// Confidence in a failure.
    pub confidence: Confidence,
    /// What can happen, in one or two sentences.
    pub risk: &'static str,
    /// The resource of its single finding; for a check on a collection, the collection.
    pub resource: &'static str,
    /// Scopes, coverage and documentation derive from this.
    pub reads: &'static [ReadingKind],
    /// Checks whose failure suppresses this one; earlier in the catalogue.
    pub parents: &'static [&'static str],
    pub remediation: &'static Remediation,
    pub controls: &'static [&'static ControlSet],
    /// Numbers of the condition that a policy can set.
    pub thresholds: &'static [&'static Threshold],
    pub evaluate: Condition,
}

/// A conclusive result.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Pass,
    Fail(Box<Violation>),
}

/// A verdict, or why there is none.
pub type Judgement = Result<Verdict, Inconclusive>;

/// The resource key and judgement of each object of a collection, or why they are unknown.
pub type Judgements = Result<Vec<(String, Judgement)>, Inconclusive>;

#[derive(Debug, Clone, Copy)]
pub enum Condition {
    /// On one resource.
    One(fn(&Tenant) -> Judgement),
    /// On each object of a collection. Objects that cannot be identified get the collection's key.
    Each(fn(&Tenant) -> Judgements),
    /// On one resource, with thresholds.
    OneWithThresholds(fn(&Tenant, EffectiveThresholds<'_>) -> Judgement),
    /// On each object, with thresholds.
    EachWithThresholds(fn(&Tenant, EffectiveThresholds<'_>) -> Judgements),
    /// A rule that several checks share.
    Rule(Rule),
}

/// The result of a condition.
pub enum Judged {
    One(Judgement),
    Each(Judgements),
}

impl Check {
    /// Evaluates the condition, without suppression by parents.
    pub fn judge(&self, tenant: &Tenant, thresholds: EffectiveThresholds<'_>) -> Judged {
        let judged = match self.evaluate {
            Condition::One(condition) => Judged::One(condition(tenant)),
            Condition::OneWithThresholds(condition) => Judged::One(condition(tenant, thresholds)),
            Condition::Rule(rule) => rule.judge(self, tenant, thresholds),
            Condition::Each(condition) => Judged::Each(condition(tenant)),
            Condition::EachWithThresholds(condition) => Judged::Each(condition(tenant, thresholds)),
        };
        match judged {
            Judged::One(judgement) => Judged::One(judgement.map(|verdict| self.as_sure(verdict))),
            Judged::Each(judgements) => Judged::Each(judgements.map(|all| {
                let as_sure = |judgement: Judgement| judgement.map(|verdict| self.as_sure(verdict));
                all.into_iter().map(|(key, judgement)| (key, as_sure(judgement))).collect()
            })),
        }
    }

    /// Lowers the confidence in a failure that rests on an uncertain assumption.
    fn as_sure(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Fail(it) => {
                Verdict::Fail(Box::new(it.as_sure_as_its_evidence(self.confidence)))
            }
            Verdict::Pass => Verdict::Pass,
        }
    }

    /// The same for a check on one resource; unknown for a check on a collection.
    pub fn judge_one(&self, tenant: &Tenant, thresholds: EffectiveThresholds<'_>) -> Judgement {
        match self.judge(tenant, thresholds) {
            Judged::One(judgement) => judgement,
            Judged::Each(_) => Err(Inconclusive::Unknown(UnknownReason::NotUnderstood)),
        }
    }
}

impl Condition {
    /// Whether it has a result for each object of a collection.
    pub const fn is_on_collection(&self) -> bool {
        match self {
            Self::Each(_) | Self::EachWithThresholds(_) => true,
            Self::One(_) | Self::OneWithThresholds(_) => false,
            Self::Rule(rule) => rule.is_on_collection(),
        }
    }
}

/// A guard of a condition. False: not applicable (`feature_off`).
pub fn applies_when(holds: bool) -> Result<(), Inconclusive> {
    if holds { Ok(()) } else { Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureOff)) }
}

pub fn all() -> impl Iterator<Item = &'static Check> {
    CATALOGUE.iter().copied()
}

/// Whether the check combines weaknesses that other checks find on their own.
pub fn is_combination(id: &str) -> bool {
    combinations::CHECKS.iter().any(|check| check.id == id)
}

pub fn find(id: &str) -> Option<&'static Check> {
    static BY_ID: LazyLock<HashMap<&str, &Check>> =
        LazyLock::new(|| all().map(|check| (check.id, check)).collect());
    BY_ID.get(id).copied()
}
