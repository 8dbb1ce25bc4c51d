//! What a proposed policy would make of the tenants: the body, which `domain::policy` reads, and the
//! answer.

use std::collections::BTreeMap;

use domain::checks::Severity as Level;
use domain::preview as of;
use engine::PolicyPreviews;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::asset::SeverityCounts;
use super::finding::Evidence;
use super::policy::Thresholds;
use super::{Severity, wire_enum};

/// A whole policy, to be tried. What it does not name is as the catalogue has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"},
    "integration_ids": ["01996e1e-11aa-7c55-8e21-5d2b7c9f3e02"]
}))]
pub struct NewPolicyPreview {
    /// Numbers of conditions, by check id and name of the threshold; each within its range.
    pub thresholds: Option<Thresholds>,
    /// Severities by check id.
    pub severities: Option<BTreeMap<String, Severity>>,
    /// On these integrations alone; null or absent: on all that are not deleted.
    #[schema(min_items = 1, max_items = 100)]
    pub integration_ids: Option<Vec<Uuid>>,
}

/// A page of integrations, by the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "items": [{
        "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02", "asset_id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f",
        "asset_name": "acme-auth0-prod", "observed_at": "2026-11-24T06:00:01.000000Z",
        "before": {"score": 72, "coverage_percent": 85, "accepted_findings": 0,
            "findings": {"critical": 1, "high": 2, "medium": 1, "low": 0, "info": 0}},
        "after": {"score": 70, "coverage_percent": 85, "accepted_findings": 0,
            "findings": {"critical": 1, "high": 2, "medium": 2, "low": 0, "info": 0}},
        "would_open": [{
            "check_id": "brute-force-threshold-high", "resource": "attack-protection/brute-force-protection",
            "title": "Brute-force protection allows many attempts", "severity_before": null, "severity_after": "medium",
            "accepted": false, "evidence": [{"reading": "brute_force_protection", "pointer": "/max_attempts", "found": 10,
                "expected": {"at_most": 8}}]
        }],
        "would_close": [], "would_change_severity": [], "truncated": false
    }],
    "not_evaluated": [{"integration_id": "01996e1e-22bb-7d66-9f32-6e3c8d0a4f13", "reason": "never_synced"}],
    "next": null
}))]
pub struct PolicyPreview {
    /// What the policy would make of those that could be judged.
    pub items: Vec<IntegrationPreview>,
    /// The others, and why.
    pub not_evaluated: Vec<NotEvaluated>,
    /// The `cursor` of the next page, with the same body; null at the end.
    pub next: Option<String>,
}

/// What the policy would make of one integration.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationPreview {
    /// Which.
    pub integration_id: Uuid,
    /// Its asset.
    pub asset_id: Uuid,
    /// The asset's name.
    pub asset_name: String,
    /// When the tenant was seen that is judged here.
    pub observed_at: Timestamp,
    /// By the present policy and today's checks.
    pub before: PreviewFigures,
    /// By the proposed policy and today's checks.
    pub after: PreviewFigures,
    /// Findings that would be open by the proposed policy alone, the worst first.
    pub would_open: Vec<PreviewChange>,
    /// Findings that would be open by the present policy alone, the worst first.
    pub would_close: Vec<PreviewChange>,
    /// Findings that would be open by both, with another severity.
    pub would_change_severity: Vec<PreviewChange>,
    /// There are more changes than are listed; the figures count them all.
    pub truncated: bool,
}

/// An asset in figures, as a sync that sees the same would leave it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewFigures {
    /// 0 to 100, with what is accepted now; null when nothing is judged.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// What the score rests on; null when nothing is judged.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Open findings by severity; accepted ones are not open.
    pub findings: SeverityCounts,
    /// How many findings are accepted.
    pub accepted_findings: u32,
}

/// One finding that would open, close, or have another severity.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewChange {
    /// Which check.
    pub check_id: String,
    /// On which resource.
    pub resource: String,
    /// What it is about.
    pub title: String,
    /// By the present policy; null where it would open.
    pub severity_before: Option<Severity>,
    /// By the proposed policy; null where it would close.
    pub severity_after: Option<Severity>,
    /// It is accepted now: where it would be open, it would be shown as accepted.
    pub accepted: bool,
    /// What would be shown by the proposed policy; empty where it would close.
    pub evidence: Vec<Evidence>,
}

/// An integration that could not be judged.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotEvaluated {
    /// Which.
    pub integration_id: Uuid,
    /// Why.
    pub reason: NotEvaluatedReason,
}

wire_enum! {
    /// Why there is nothing to judge: no such integration; it is deleted; no sync has succeeded yet; what the
    /// latest one saw is not kept, was too large to keep, or is of another version of this service.
    NotEvaluatedReason of engine::NotEvaluated {
        NotFound, Deleted, NeverSynced, NotKept, TooLarge, NotUnderstood,
    }
}

impl PolicyPreview {
    /// With the cursor of the next page.
    pub fn new(page: PolicyPreviews, next: Option<String>) -> Self {
        let not_evaluated = page.not_evaluated.into_iter();
        let not_evaluated = not_evaluated
            .map(|(id, why)| NotEvaluated { integration_id: id.0, reason: why.into() });
        Self {
            items: page.evaluated.into_iter().map(IntegrationPreview::from).collect(),
            not_evaluated: not_evaluated.collect(),
            next,
        }
    }
}

impl From<engine::PolicyPreview> for IntegrationPreview {
    fn from(judged: engine::PolicyPreview) -> Self {
        let engine::PolicyPreview { integration_id, asset_id, asset_name, observed_at, preview } =
            judged;
        let changes = |all: Vec<of::Change>| all.into_iter().map(PreviewChange::from).collect();
        Self {
            integration_id: integration_id.0,
            asset_id: asset_id.0,
            asset_name,
            observed_at: observed_at.into(),
            before: preview.before.into(),
            after: preview.after.into(),
            would_open: changes(preview.would_open),
            would_close: changes(preview.would_close),
            would_change_severity: changes(preview.would_change_severity),
            truncated: preview.is_truncated,
        }
    }
}

impl From<of::Summary> for PreviewFigures {
    fn from(figures: of::Summary) -> Self {
        let count = |level| figures.findings.get(&level).copied().unwrap_or_default();
        Self {
            score: figures.score,
            coverage_percent: figures.coverage_percent,
            findings: SeverityCounts {
                critical: count(Level::Critical),
                high: count(Level::High),
                medium: count(Level::Medium),
                low: count(Level::Low),
                info: count(Level::Info),
            },
            accepted_findings: figures.accepted,
        }
    }
}

impl From<of::Change> for PreviewChange {
    fn from(change: of::Change) -> Self {
        Self {
            check_id: change.key.check_id,
            resource: change.key.resource,
            title: change.title,
            severity_before: change.severity_before.map(Severity::from),
            severity_after: change.severity_after.map(Severity::from),
            accepted: change.is_accepted,
            evidence: change.evidence.into_iter().map(Evidence::from).collect(),
        }
    }
}
