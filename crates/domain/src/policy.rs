//! Policies as requests state them: parsed with all their faults, and proposed for a preview.

mod read;
#[cfg(test)]
mod tests;

pub use crate::checks::Policy;
pub use read::INTEGRATIONS_MAX;

use crate::ids::IntegrationId;

/// A policy to preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub policy: Policy,
    /// None: all integrations.
    pub integration_ids: Option<Vec<IntegrationId>>,
}
