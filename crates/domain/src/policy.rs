//! What an organisation wants judged otherwise than the catalogue does: other thresholds, other
//! severities. Empty by default. Not here: what a check does with them (`checks`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checks::Severity;

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
