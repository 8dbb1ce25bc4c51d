//! The organisation's policy: request schema (read by `domain::policy`) and response.

use std::collections::BTreeMap;

use serde::Serialize;
use store::StoredPolicy;
use utoipa::ToSchema;

use super::{Severity, Timestamp};

/// Thresholds, by check id and threshold name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({"brute-force-threshold-high": {"max_attempts": 8}}))]
pub struct Thresholds(pub BTreeMap<String, BTreeMap<String, u64>>);

/// The organisation's deviations from the catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"},
    "updated_at": "2026-11-25T06:10:00.000000Z", "updated_by": "ada@acme.example"
}))]
pub struct Policy {
    /// Increases with each change. 0: never set.
    pub version: i64,
    /// Thresholds, by check id and threshold name.
    pub thresholds: Thresholds,
    /// Severities by check id. Each replaces whatever severity the check would give.
    pub severities: BTreeMap<String, Severity>,
    /// Null: never set.
    pub updated_at: Option<Timestamp>,
    /// E-mail address of the user.
    pub updated_by: Option<String>,
}

impl From<StoredPolicy> for Policy {
    fn from(kept: StoredPolicy) -> Self {
        let StoredPolicy { version, policy, updated_at, updated_by } = kept;
        let severities = policy.severities.into_iter().map(|(id, severity)| (id, severity.into()));
        Self {
            version,
            thresholds: Thresholds(policy.thresholds),
            severities: severities.collect(),
            updated_at: updated_at.map(Timestamp),
            updated_by,
        }
    }
}

/// A complete policy. The catalogue's values apply to everything not named.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"}
}))]
pub struct NewPolicy {
    /// Thresholds, by check id and threshold name, each within its range.
    pub thresholds: Option<Thresholds>,
    /// Severities by check id.
    pub severities: Option<BTreeMap<String, Severity>>,
}
