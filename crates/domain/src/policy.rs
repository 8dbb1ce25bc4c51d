//! What an organisation wants judged otherwise than the catalogue does: other thresholds, other
//! severities. Empty by default. Not here: what a check does with them (`checks`).

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use read::INTEGRATIONS_MAX;

use crate::checks::{Check, Severity, Threshold};
use crate::ids::IntegrationId;

/// The policy of an organisation. What it does not name is as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// By check id and name of the threshold.
    #[serde(default)]
    pub thresholds: BTreeMap<String, BTreeMap<String, u64>>,
    /// By check id: instead of any severity that the check would give.
    #[serde(default)]
    pub severities: BTreeMap<String, Severity>,
}

impl Policy {
    /// Whether it names this threshold.
    pub fn states(&self, threshold: &Threshold) -> bool {
        self.thresholds.get(threshold.check).is_some_and(|of| of.contains_key(threshold.name))
    }

    /// The severity of a check unless a tenant's values make it another.
    pub fn severity(&self, check: &Check) -> Severity {
        self.severities.get(check.id).copied().unwrap_or(check.severity)
    }
}

/// A policy to be tried on what is known of tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The policy.
    pub policy: Policy,
    /// On these integrations; none: on all of them, page by page.
    pub integration_ids: Option<Vec<IntegrationId>>,
}
