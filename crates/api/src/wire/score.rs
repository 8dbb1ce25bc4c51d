//! The trend of an asset: one point for each successful sync.

use serde::Serialize;
use store::SyncScore;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::asset::SeverityCounts;

/// An asset as one sync left it, with what was accepted at that time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "at": "2026-11-24T06:00:01.000000Z", "score": 72, "coverage_percent": 85,
    "findings": {"critical": 1, "high": 2, "medium": 1, "low": 0, "info": 0}, "accepted_findings": 0, "policy_version": 0
}))]
pub struct ScorePoint {
    /// The sync.
    pub sync_id: Uuid,
    /// When the tenant was seen.
    pub at: Timestamp,
    /// 0 to 100; null when nothing was judged.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// What the score rests on; null when nothing was judged.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Open findings by severity; accepted ones are not open.
    pub findings: SeverityCounts,
    /// How many findings were accepted.
    pub accepted_findings: u32,
    /// By which version of the organisation's policy it was judged; 0: none was ever set. Null of syncs
    /// before this was noted.
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
