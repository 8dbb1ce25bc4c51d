//! Accepting a finding: on which terms, for how long, and where the finding then stands. An
//! acceptance is in force until it expires by itself; nobody has to do anything for that.

mod read;
#[cfg(test)]
mod tests;

pub use read::{BULK_MAX, BulkAcceptance, RATIONALE_MAX};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::FindingState;

/// Why a finding is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Something else does what the check asks for.
    CompensatingControls,
    /// The check is wrong about this tenant.
    FalsePositive,
    /// It is so, and stays so.
    WontFix,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::CompensatingControls, Self::FalsePositive, Self::WontFix];

    /// The stable name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CompensatingControls => "compensating_controls",
            Self::FalsePositive => "false_positive",
            Self::WontFix => "wont_fix",
        }
    }

    /// The reason of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the score counts the finding as a pass. What is wrong and stays so is a failure.
    pub const fn counts_as_pass(self) -> bool {
        match self {
            Self::CompensatingControls | Self::FalsePositive => true,
            Self::WontFix => false,
        }
    }
}

/// On which terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceTerms {
    /// Why.
    pub reason: Reason,
    /// Why, in words.
    pub rationale: String,
    /// From this instant on it is as if it had never been accepted.
    pub expires_at: Option<Timestamp>,
}

/// An acceptance as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// On which terms.
    pub terms: AcceptanceTerms,
    /// By whom: an e-mail.
    pub accepted_by: String,
    /// When.
    pub accepted_at: Timestamp,
}

impl Acceptance {
    /// Whether it holds at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.terms.expires_at.is_none_or(|at| at > now)
    }
}

/// Where a finding stands for its readers. Resolved comes before accepted, accepted before open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FindingStatus {
    Open,
    Accepted,
    Resolved,
}

impl FindingStatus {
    /// Of a finding in this state, with this acceptance, at `now`.
    pub fn of(state: FindingState, acceptance: Option<&Acceptance>, now: Timestamp) -> Self {
        match state {
            FindingState::Resolved => Self::Resolved,
            FindingState::Open if acceptance.is_some_and(|a| a.is_in_force(now)) => Self::Accepted,
            FindingState::Open => Self::Open,
        }
    }

    /// The stable name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }

    /// The standing of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Accepted, Self::Resolved].into_iter().find(|each| each.name() == name)
    }
}
