//! Acceptance of findings: its terms, and its expiry. An acceptance is in force until it
//! expires; the expiry needs no action.

mod read;
#[cfg(test)]
mod tests;

pub use read::{BULK_MAX, BulkAcceptance, RATIONALE_MAX};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
