//! A tenant as one sync read it: every reading, or why it failed. The input of checks.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::Value;

use crate::inconclusive::{Inconclusive, NotApplicableReason, UnknownReason};
use crate::readings::{Assumed, Part, Reading, ReadingKind, Resource, TokenFacts};

/// Outcome of fetching one kind of resource.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few dozen live as long as a sync")]
pub enum Outcome {
    Read(Reading),
    /// `message` is human-readable and contains no secrets.
    Unreadable {
        reason: UnknownReason,
        /// Human-readable message.
        message: String,
    },
    /// Auth0 does not offer it to this tenant. Counts as conclusive.
    NotOffered {
        /// `plan_unavailable` or `not_supported`, as Auth0 reported it.
        reason: UnknownReason,
        /// Human-readable message.
        message: String,
    },
}

/// The state of a tenant's rate limit, stored for its next sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimitSnapshot {
    /// Capacity of the bucket.
    pub bucket_size: Option<u32>,
    /// Earliest time of the next call, as the tenant requested.
    pub closed_until: Option<Timestamp>,
}

/// One reading of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Client ID of this service.
    pub client_id: String,
    /// When it was read. Statistics are evaluated relative to this time.
    pub observed_at: Timestamp,
    outcomes: BTreeMap<ReadingKind, (Outcome, Body)>,
}

/// The JSON of a reading, made when it is first needed. It follows from the reading, so all are equal.
#[derive(Debug, Clone, Default)]
struct Body(OnceLock<Value>);

impl PartialEq for Body {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Tenant {
    /// A tenant without readings.
    pub fn new(client_id: impl Into<String>, observed_at: Timestamp) -> Self {
        Self { client_id: client_id.into(), observed_at, outcomes: BTreeMap::new() }
    }

    /// Records the outcome of one reading.
    pub fn insert(&mut self, kind: ReadingKind, outcome: Outcome) {
        self.outcomes.insert(kind, (outcome, Body::default()));
    }

    /// Outcome of one reading.
    pub fn outcome(&self, kind: ReadingKind) -> Option<&Outcome> {
        self.outcomes.get(&kind).map(|(outcome, _)| outcome)
    }

    /// All outcomes, in the order of the kinds.
    pub fn outcomes(&self) -> impl Iterator<Item = (ReadingKind, &Outcome)> {
        self.outcomes.iter().map(|(kind, (outcome, _))| (*kind, outcome))
    }

    /// A typed reading, or why it failed.
    pub fn read<R: Resource>(&self) -> Result<&R, Inconclusive> {
        match self.outcome(R::KIND) {
            Some(Outcome::Read(reading)) => {
                R::from_reading(reading).ok_or(Inconclusive::Unknown(UnknownReason::NotUnderstood))
            }
            Some(Outcome::Unreadable { reason, .. }) => Err(Inconclusive::Unknown(*reason)),
            Some(Outcome::NotOffered { .. }) => {
                Err(Inconclusive::NotApplicable(NotApplicableReason::FeatureNotOffered))
            }
            None => Err(Inconclusive::Unknown(UnknownReason::ApiError)),
        }
    }

    /// A typed reading whose absence does not make the check inconclusive.
    pub fn find<R: Resource>(&self) -> Option<&R> {
        self.read().ok()
    }

    /// The token reading.
    pub fn token(&self) -> Option<&TokenFacts> {
        self.find()
    }

    /// Whether the token is known to lack every scope of this part.
    pub fn lacks_scope_of(&self, part: &Part) -> bool {
        self.token().and_then(|facts| facts.has_any(part.scopes)) == Some(false)
    }

    /// The normalised body of a reading; null if it was not read.
    pub fn body_of(&self, kind: ReadingKind) -> &Value {
        match self.outcomes.get(&kind) {
            Some((Outcome::Read(reading), body)) => body.0.get_or_init(|| reading.to_json()),
            _ => &Value::Null,
        }
    }

    /// The normalised value at a JSON Pointer (RFC 6901); null if absent.
    pub fn value_at(&self, kind: ReadingKind, pointer: &str) -> Value {
        self.body_of(kind).pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// What is assumed of the value at a JSON Pointer, if that is absent.
    pub fn assumed_at(&self, kind: ReadingKind, pointer: &str) -> Option<Assumed> {
        match self.outcome(kind) {
            Some(Outcome::Read(reading)) => reading.assumed_at(pointer),
            _ => None,
        }
    }
}
