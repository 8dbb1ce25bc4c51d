//! The organisation's policy: the body, which `domain::policy` reads, and the answer.

use std::collections::BTreeMap;

use serde::Serialize;
use store::StoredPolicy;
use utoipa::ToSchema;

use super::{Severity, Timestamp};

/// Numbers of conditions, by check id and name of the threshold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({"brute-force-threshold-high": {"max_attempts": 8}}))]
pub struct Thresholds(pub BTreeMap<String, BTreeMap<String, u64>>);

/// What the organisation wants judged otherwise than the catalogue does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"},
    "updated_at": "2026-11-25T06:10:00.000000Z", "updated_by": "ada@acme.example"
}))]
pub struct Policy {
    /// Goes up with each change; 0 when it was never set.
    pub version: i64,
    /// Numbers of conditions, by check id and name of the threshold.
    pub thresholds: Thresholds,
    /// Severities by check id: each stands instead of any that the check would give.
    pub severities: BTreeMap<String, Severity>,
    /// When it was set; null when never.
    pub updated_at: Option<Timestamp>,
    /// By whom: an e-mail.
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

/// A whole policy. What it does not name is as the catalogue has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"}
}))]
pub struct NewPolicy {
    /// Numbers of conditions, by check id and name of the threshold; each within its range.
    pub thresholds: Option<Thresholds>,
    /// Severities by check id.
    pub severities: Option<BTreeMap<String, Severity>>,
}
