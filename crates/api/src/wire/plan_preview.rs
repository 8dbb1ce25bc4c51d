//! The effect of chosen actions of a plan.

use engine::OnSnapshot;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::plan::{PlannedFinding, findings};
use super::policy_preview::PreviewFigures;
use super::{Timestamp, wire_enum};

/// Maximum number of findings in each list: the response is stored for its idempotency key.
const FINDINGS_MAX: usize = 500;

wire_enum! {
    /// Why a call is not applied. `not_read`: what it changes was not read. `no_such_object`: the object does not
    /// exist. `not_understood`: it changes values that this service does not read.
    NotAppliedReason of domain::remediation::NotApplied
}

/// Chosen actions of a plan.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"actions": ["5d1f0c7be2a94a63"]}))]
pub struct PlanPreviewInput {
    /// Ids of actions of the present plan, each once and in any order.
    #[schema(min_items = 1, max_items = 100)]
    pub actions: Vec<String>,
}

/// The effect of chosen actions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "asset_id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "evaluated_at": "2026-11-24T06:00:01.000000Z",
    "actions": ["5d1f0c7be2a94a63"],
    "before": {"score": 72, "coverage_percent": 85, "accepted_findings": 0,
        "findings": {"critical": 1, "high": 2, "medium": 1, "low": 0, "info": 0}},
    "after": {"score": 81, "coverage_percent": 85, "accepted_findings": 0,
        "findings": {"critical": 0, "high": 2, "medium": 1, "low": 0, "info": 0}},
    "resolves": [{
        "finding_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081", "check_id": "brute-force-protection-off",
        "resource": "attack-protection/brute-force-protection",
        "object": {"type": "tenant", "id": "acme.eu.auth0.com", "name": "acme-auth0-prod"},
        "title": "Brute-force protection is off", "severity": "critical"
    }],
    "opens": [], "not_applied": [], "truncated": false
}))]
pub struct PlanPreview {
    pub asset_id: Uuid,
    pub integration_id: Uuid,
    /// The sync whose snapshot the preview rests on.
    pub sync_id: Uuid,
    /// When that sync read the tenant.
    pub evaluated_at: Timestamp,
    /// The chosen actions in the order of the plan, in which they are applied.
    pub actions: Vec<String>,
    pub before: PreviewFigures,
    pub after: PreviewFigures,
    /// Findings that are no longer open, by descending priority.
    #[schema(max_items = 500)]
    pub resolves: Vec<PlannedFinding>,
    /// Findings that open, because a check can only be judged after the calls. By descending priority.
    #[schema(max_items = 500)]
    pub opens: Vec<PlannedFinding>,
    /// Actions that cannot be applied to the snapshot, and are not part of the effect.
    pub not_applied: Vec<NotApplied>,
    /// True if there are more findings than listed. The figures include all.
    pub truncated: bool,
}

/// An action that cannot be applied.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotApplied {
    pub action: String,
    pub reason: NotAppliedReason,
}

impl From<OnSnapshot<engine::PlanPreview>> for PlanPreview {
    fn from(answer: OnSnapshot<engine::PlanPreview>) -> Self {
        let OnSnapshot { asset, sync, content } = answer;
        let engine::PlanPreview { actions, mut effect } = content;
        let lists = [&mut effect.resolves, &mut effect.opens];
        let truncated = lists.iter().any(|list| list.len() > FINDINGS_MAX);
        for list in lists {
            list.truncate(FINDINGS_MAX);
        }
        let not_applied = effect.not_applied.into_iter();
        Self {
            asset_id: asset.id.0,
            integration_id: asset.integration_id.0,
            sync_id: sync.sync_id.0,
            evaluated_at: sync.observed_at.into(),
            actions: actions.iter().map(ToString::to_string).collect(),
            before: effect.before.into(),
            after: effect.after.into(),
            resolves: findings(effect.resolves, &asset),
            opens: findings(effect.opens, &asset),
            not_applied: not_applied
                .map(|(id, why)| NotApplied { action: id.to_string(), reason: why.into() })
                .collect(),
            truncated,
        }
    }
}
