//! Acceptance of findings: its terms, its expiry, and the resulting status of a finding. An acceptance is
//! in force until it expires; the expiry needs no action.

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
    /// Another control provides the protection.
    CompensatingControls,
    /// The check does not hold for this tenant.
    FalsePositive,
    /// The finding is correct and will not be fixed.
    WontFix,
}

impl Reason {
    pub const ALL: [Self; 3] = [Self::CompensatingControls, Self::FalsePositive, Self::WontFix];

    /// Name in the API and in the database; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CompensatingControls => "compensating_controls",
            Self::FalsePositive => "false_positive",
            Self::WontFix => "wont_fix",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether the score counts the finding as a pass.
    pub const fn counts_as_pass(self) -> bool {
        match self {
            Self::CompensatingControls | Self::FalsePositive => true,
            Self::WontFix => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceTerms {
    pub reason: Reason,
    /// The justification, as the user wrote it.
    pub rationale: String,
    /// The acceptance is no longer in force from this instant on.
    pub expires_at: Option<Timestamp>,
}

/// A stored acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    pub terms: AcceptanceTerms,
    /// E-mail address of the user.
    pub accepted_by: String,
    pub accepted_at: Timestamp,
}

impl Acceptance {
    /// Whether the acceptance is in force at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.terms.expires_at.is_none_or(|at| at > now)
    }
}

/// Status of a finding as the API shows it. `Resolved` takes precedence over `Accepted`, and `Accepted`
/// over `Open`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingStatus {
    Open,
    Accepted,
    Resolved,
}

impl FindingStatus {
    /// The status of a finding with this state and acceptance at `now`.
    pub fn derive(state: FindingState, acceptance: Option<&Acceptance>, now: Timestamp) -> Self {
        match state {
            FindingState::Resolved => Self::Resolved,
            FindingState::Open if acceptance.is_some_and(|a| a.is_in_force(now)) => Self::Accepted,
            FindingState::Open => Self::Open,
        }
    }

    /// Name in the API; never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Accepted, Self::Resolved].into_iter().find(|each| each.name() == name)
    }
}
