//! The organisation's policy: request schema (read by `domain::policy`) and response.

use std::collections::BTreeMap;

use domain::checks::Disabled;
use serde::Serialize;
use store::StoredPolicy;
use utoipa::ToSchema;

use super::{Severity, Timestamp};

/// Thresholds, by check id and threshold name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({"brute-force-threshold-high": {"max_attempts": 8}}))]
pub struct Thresholds(pub BTreeMap<String, BTreeMap<String, u64>>);

/// A check that does not run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "check_id": "custom-domain-missing", "reason": "Planned with the move to the new brand.",
    "expires_at": "2027-06-30T00:00:00.000000Z"
}))]
pub struct DisabledCheck {
    pub check_id: String,
    /// Why it is disabled.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// When it runs again: from the first sync after this time. Null: when the policy changes.
    pub expires_at: Option<Timestamp>,
}

impl DisabledCheck {
    pub fn new(check_id: &str, entry: &Disabled) -> Self {
        Self {
            check_id: check_id.to_owned(),
            reason: entry.reason.clone(),
            expires_at: entry.expires_at.map(Timestamp),
        }
    }
}

/// The organisation's deviations from the catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": 3, "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"},
    "disabled": [{"check_id": "custom-domain-missing", "reason": "Planned with the move to the new brand.",
        "expires_at": null}],
    "updated_at": "2026-11-25T06:10:00.000000Z", "updated_by": "ada@acme.example"
}))]
pub struct Policy {
    /// Increases with each change. 0: never set.
    pub version: i64,
    /// Thresholds, by check id and threshold name.
    pub thresholds: Thresholds,
    /// Severities by check id. Each replaces whatever severity the check would give.
    pub severities: BTreeMap<String, Severity>,
    /// Checks that do not run: `not_enabled` with the reason `disabled_by_policy`. Their open findings are hidden until
    /// the check runs again.
    pub disabled: Vec<DisabledCheck>,
    /// Null: never set.
    pub updated_at: Option<Timestamp>,
    /// E-mail address of the user.
    pub updated_by: Option<String>,
}

impl From<StoredPolicy> for Policy {
    fn from(kept: StoredPolicy) -> Self {
        let StoredPolicy { version, policy, updated_at, updated_by } = kept;
        let severities = policy.severities.into_iter().map(|(id, severity)| (id, severity.into()));
        let disabled = policy.disabled.iter().map(|(id, entry)| DisabledCheck::new(id, entry));
        Self {
            version,
            disabled: disabled.collect(),
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
    "severities": {"support-contact-missing": "low"},
    "disabled": [{"check_id": "custom-domain-missing", "reason": "Planned with the move to the new brand."}]
}))]
pub struct PolicyInput {
    /// Thresholds, by check id and threshold name, each within its range.
    pub thresholds: Option<Thresholds>,
    /// Severities by check id.
    pub severities: Option<BTreeMap<String, Severity>>,
    /// Checks that are not to run, each once, with a reason.
    pub disabled: Option<Vec<DisabledCheck>>,
}
