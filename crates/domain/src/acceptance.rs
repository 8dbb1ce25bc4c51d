//! Risk acceptance of findings: its terms, and its expiry. An acceptance is in force until it
//! expires; the expiry needs no action.

mod read;
#[cfg(test)]
mod tests;

pub use read::{BULK_MAX, BulkAcceptance, RATIONALE_MAX};

use jiff::Timestamp;

use crate::named_enum::named_enum;

named_enum! {
    /// Why a finding is accepted.
    pub enum Reason {
        /// Another control provides the protection.
        CompensatingControls = "compensating_controls",
        /// The check does not hold for this tenant.
        FalsePositive = "false_positive",
        /// The finding is correct and will not be fixed.
        WontFix = "wont_fix",
    }
}

impl Reason {
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
