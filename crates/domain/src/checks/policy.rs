//! Policies: an organisation's changes to thresholds and severities of the catalogue. Empty by default.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Check, Severity, Threshold};

/// The policy of an organisation. The catalogue's values apply to everything not named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// By check id and threshold name.
    #[serde(default)]
    pub thresholds: BTreeMap<String, BTreeMap<String, u64>>,
    /// By check id. Replaces whatever severity the check would give.
    #[serde(default)]
    pub severities: BTreeMap<String, Severity>,
    /// Checks that do not run, by check id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disabled: BTreeMap<String, Disabled>,
}

/// Why a check does not run, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    pub reason: String,
    /// None: until the policy changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Policy {
    /// Whether the policy sets this threshold.
    pub fn states(&self, threshold: &Threshold) -> bool {
        self.thresholds.get(threshold.check).is_some_and(|of| of.contains_key(threshold.name))
    }

    /// Whether the policy disables the check at this time.
    pub fn disables(&self, check: &Check, at: Timestamp) -> bool {
        let disabled = self.disabled.get(check.id);
        disabled.is_some_and(|entry| entry.expires_at.is_none_or(|end| at < end))
    }

    /// Severity of a check before the tenant's values are considered.
    pub fn severity(&self, check: &Check) -> Severity {
        self.severities.get(check.id).copied().unwrap_or(check.severity)
    }
}

/// The effective thresholds of an organisation.
#[derive(Debug, Clone, Copy)]
pub struct EffectiveThresholds<'a>(&'a Policy);

impl<'a> EffectiveThresholds<'a> {
    pub const fn under_policy(policy: &'a Policy) -> Self {
        Self(policy)
    }

    /// The effective value. A policy stored under another range is clamped to the current one.
    pub fn value_of(&self, threshold: &Threshold) -> u64 {
        let chosen = self.0.thresholds.get(threshold.check).and_then(|of| of.get(threshold.name));
        chosen.map_or(threshold.default, |value| (*value).clamp(threshold.min, threshold.max))
    }
}
