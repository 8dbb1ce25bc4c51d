//! Score history of an asset: one point for each successful sync.

use serde::Serialize;
use store::SyncScore;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::asset::SeverityCounts;

/// Figures of an asset after one sync, with the acceptances in force then.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "at": "2026-11-24T06:00:01.000000Z", "score": 72, "coverage_percent": 85,
    "findings": {"critical": 1, "high": 2, "medium": 1, "low": 0, "info": 0}, "accepted_findings": 0, "policy_version": 0
}))]
pub struct ScorePoint {
    pub sync_id: Uuid,
    /// When the tenant was read.
    pub at: Timestamp,
    /// From 0 to 100. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Number of open findings by severity, without accepted ones.
    pub findings: SeverityCounts,
    /// Number of findings that were accepted.
    pub accepted_findings: u32,
    /// Version of the organisation's policy used. 0: no policy was set. Null: the sync is older than this
    /// field.
    #[schema(minimum = 0)]
    pub policy_version: Option<i64>,
}

impl From<SyncScore> for ScorePoint {
    fn from(score: SyncScore) -> Self {
        Self {
            sync_id: score.sync_id.0,
            at: score.observed_at.into(),
            score: score.score,
            coverage_percent: score.coverage_percent,
            findings: score.findings.into(),
            accepted_findings: score.accepted,
            policy_version: score.policy_version,
        }
    }
}
