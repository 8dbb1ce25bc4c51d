//! The catalogue of checks and how a tenant is judged by it. One check, one file, in the folder of
//! its area; its line in [`CATALOGUE`] is what makes it run. Not here: what a finding lives through
//! (`reconcile`).

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
mod three_valued;

// Shapes that several areas share.
mod addresses;
mod allowlist;
mod choice;
mod limit;
mod management_api;
mod objects;
mod protection;
mod remediation;
mod rule;
mod runtime;
mod switch;
mod threshold;

// The areas.
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
pub use policy::Policy;
pub(crate) use remediation::object_id;
pub use remediation::{Method, Remediation};
pub use rule::Rule;
pub use sets::ControlSet;
pub use switch::{Switch, SwitchOf};
pub use threshold::{EffectiveThresholds, Threshold};

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
    /// From the worst to the mildest.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The stable name on the wire.
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
    /// How sure a failing check can be, given what the scopes let it see; from the least.
    pub enum Confidence {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

impl Confidence {
    /// One step less: beside what may make up for the failure.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Says what is wrong; kebab case, stable for ever.
    pub id: &'static str,
    /// Raised when the condition changes.
    pub version: u16,
    /// One line for people.
    pub title: &'static str,
    /// Unless the tenant's values make it another: then the violation says which.
    pub severity: Severity,
    /// How sure a failure is.
    pub confidence: Confidence,
    /// What can happen, in a sentence or two.
    pub risk: &'static str,
    /// Where its one finding lives; for a check on a collection, the collection.
    pub resource: &'static str,
    /// What it needs; scopes, coverage and documentation derive from this.
    pub reads: &'static [ReadingKind],
    /// Checks whose failure already says it. They stand earlier in the catalogue.
    pub parents: &'static [&'static str],
    /// How to fix it.
    pub remediation: &'static Remediation,
    /// The controls it bears on.
    pub controls: &'static [&'static ControlSet],
    /// The numbers of the condition that an organisation may set otherwise.
    pub thresholds: &'static [&'static Threshold],
    /// The condition.
    pub evaluate: Condition,
}

/// What a conclusive look found.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Wrong, with the evidence.
    Fail(Box<Violation>),
}

/// One verdict, or why there is none.
pub type Judgement = Result<Verdict, Inconclusive>;

/// Of each object of a collection its resource key and its judgement; or why they are not known.
pub type Judgements = Result<Vec<(String, Judgement)>, Inconclusive>;

/// The condition of a check.
#[derive(Debug, Clone, Copy)]
pub enum Condition {
    /// About one resource.
    One(fn(&Tenant) -> Judgement),
    /// About each object of a collection. One that cannot be named comes under the collection's key.
    Each(fn(&Tenant) -> Judgements),
    /// The same about one resource, by the numbers in force.
    OneWithThresholds(fn(&Tenant, EffectiveThresholds<'_>) -> Judgement),
    /// The same about each object, by the numbers in force.
    EachWithThresholds(fn(&Tenant, EffectiveThresholds<'_>) -> Judgements),
    /// By the rule of a family of checks.
    Rule(Rule),
}

/// What the condition of a check says.
pub enum Judged {
    One(Judgement),
    Each(Judgements),
}

impl Check {
    /// Judges a tenant by the condition alone: parents are not asked.
    pub fn judge(&self, tenant: &Tenant, thresholds: EffectiveThresholds<'_>) -> Judged {
        match self.evaluate {
            Condition::One(condition) => Judged::One(condition(tenant)),
            Condition::OneWithThresholds(condition) => Judged::One(condition(tenant, thresholds)),
            Condition::Rule(rule) => rule.judge(self, tenant, thresholds),
            Condition::Each(condition) => Judged::Each(condition(tenant)),
            Condition::EachWithThresholds(condition) => Judged::Each(condition(tenant, thresholds)),
        }
    }

    /// The same of a check on one resource. Objects of a collection are not combined: unknown.
    pub fn judge_one(&self, tenant: &Tenant, thresholds: EffectiveThresholds<'_>) -> Judgement {
        match self.judge(tenant, thresholds) {
            Judged::One(judgement) => judgement,
            Judged::Each(_) => Err(Inconclusive::Unknown(UnknownReason::NotUnderstood)),
        }
    }
}

impl Condition {
    /// Whether it is about each object of a collection.
    pub const fn is_on_collection(&self) -> bool {
        match self {
            Self::Each(_) | Self::EachWithThresholds(_) => true,
            Self::One(_) | Self::OneWithThresholds(_) => false,
            Self::Rule(rule) => rule.is_on_collection(),
        }
    }
}

/// A guard of a condition: when it does not hold there is nothing to judge (`feature_off`).
pub fn applies_when(holds: bool) -> Result<(), Inconclusive> {
    if holds { Ok(()) } else { Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureOff)) }
}

/// Every check.
pub fn all() -> impl Iterator<Item = &'static Check> {
    CATALOGUE.iter().copied()
}

/// The check of this id.
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}
