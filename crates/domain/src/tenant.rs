//! A tenant as one sync saw it: every reading or why there is none. What checks are given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::readings::{Part, Reading, ReadingKind, Resource, TokenFacts};

/// Why a check, or the reading below it, says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// The token lacks the scope.
    MissingScope,
    /// The tenant's plan does not include the feature.
    PlanUnavailable,
    /// Auth0 limited our rate until the deadline.
    RateLimited,
    /// No answer in time.
    TimedOut,
    /// Refused for another reason than scope or plan.
    Forbidden,
    /// Auth0 or the way to it failed.
    ApiError,
    /// An answer, a field or a value that we do not know.
    NotUnderstood,
    /// Auth0 does not have the resource (404).
    NotSupported,
    /// A list was longer than we read.
    Truncated,
}

impl UnknownReason {
    /// The stable name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingScope => "missing_scope",
            Self::PlanUnavailable => "plan_unavailable",
            Self::RateLimited => "rate_limited",
            Self::TimedOut => "timed_out",
            Self::Forbidden => "forbidden",
            Self::ApiError => "api_error",
            Self::NotUnderstood => "not_understood",
            Self::NotSupported => "not_supported",
            Self::Truncated => "truncated",
        }
    }
}

/// Why a check does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotApplicableReason {
    /// A failing parent already says it.
    ParentFailed,
    /// The feature it is about is off.
    FeatureOff,
    /// Auth0 does not offer the feature to this tenant.
    FeatureNotOffered,
}

/// A check that reaches no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inconclusive {
    /// It could not look.
    Unknown(UnknownReason),
    /// There is nothing to look at.
    NotApplicable(NotApplicableReason),
}

/// What became of fetching one kind of resource.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few dozen live as long as a sync")]
pub enum Outcome {
    /// Read.
    Read(Reading),
    /// Not read. `message` is for people and free of secrets.
    Unreadable {
        /// Why.
        reason: UnknownReason,
        /// In words.
        message: String,
    },
    /// Auth0 does not offer it to this tenant, which is an answer.
    NotOffered {
        /// `plan_unavailable` or `not_supported`: how Auth0 said so.
        reason: UnknownReason,
        /// In words.
        message: String,
    },
}

/// What was learned about a tenant's rate limit, worth remembering for its next sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimitSnapshot {
    /// Calls that a full bucket allows at once.
    pub bucket_size: Option<u32>,
    /// The tenant asked not to be called before.
    pub closed_until: Option<Timestamp>,
}

/// One reading of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Our client ID there.
    pub client_id: String,
    /// When it was read; statistics are judged relative to it.
    pub observed_at: Timestamp,
    outcomes: BTreeMap<ReadingKind, Outcome>,
}

impl Tenant {
    /// An empty one: nothing has been read.
    pub fn new(client_id: impl Into<String>, observed_at: Timestamp) -> Self {
        Self { client_id: client_id.into(), observed_at, outcomes: BTreeMap::new() }
    }

    /// Notes what became of one reading.
    pub fn insert(&mut self, kind: ReadingKind, outcome: Outcome) {
        self.outcomes.insert(kind, outcome);
    }

    /// What became of one reading.
    pub fn outcome(&self, kind: ReadingKind) -> Option<&Outcome> {
        self.outcomes.get(&kind)
    }

    /// Every outcome, in the order of the kinds.
    pub fn outcomes(&self) -> impl Iterator<Item = (ReadingKind, &Outcome)> {
        self.outcomes.iter().map(|(kind, outcome)| (*kind, outcome))
    }

    /// A typed reading, or why there is none.
    pub fn read<R: Resource>(&self) -> Result<&R, Inconclusive> {
        match self.outcomes.get(&R::KIND) {
            Some(Outcome::Read(reading)) => {
                R::of(reading).ok_or(Inconclusive::Unknown(UnknownReason::NotUnderstood))
            }
            Some(Outcome::Unreadable { reason, .. }) => Err(Inconclusive::Unknown(*reason)),
            Some(Outcome::NotOffered { .. }) => {
                Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered))
            }
            None => Err(Inconclusive::Unknown(UnknownReason::ApiError)),
        }
    }

    /// A typed reading where its absence only lowers what can be said beside the verdict.
    pub fn find<R: Resource>(&self) -> Option<&R> {
        self.read().ok()
    }

    /// The facts of our token.
    pub fn token(&self) -> Option<&TokenFacts> {
        self.find()
    }

    /// Whether our token is known to have no scope that brings this part of a reading.
    pub fn lacks_scope_of(&self, part: &Part) -> bool {
        self.token().and_then(|facts| facts.has_any(part.scopes)) == Some(false)
    }

    /// The normalised value at a JSON Pointer (RFC 6901) into a reading; null when absent.
    pub fn value_at(&self, kind: ReadingKind, pointer: &str) -> Value {
        match self.outcomes.get(&kind) {
            Some(Outcome::Read(reading)) => {
                reading.to_json().pointer(pointer).cloned().unwrap_or(Value::Null)
            }
            _ => Value::Null,
        }
    }
}
