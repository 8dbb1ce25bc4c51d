//! Preview of a proposed policy: request schema (read by `domain::policy`) and response.

use std::collections::BTreeMap;

use domain::checks::Severity as Level;
use domain::preview as of;
use engine::PolicyPreviews;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::asset::SeverityCounts;
use super::evidence::Evidence;
use super::policy::{DisabledCheck, Thresholds};
use super::{Severity, wire_enum};

/// A complete policy to preview. The catalogue's values apply to everything not named.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "thresholds": {"brute-force-threshold-high": {"max_attempts": 8}},
    "severities": {"support-contact-missing": "low"},
    "integration_ids": ["01996e1e-11aa-7c55-8e21-5d2b7c9f3e02"]
}))]
pub struct PolicyPreviewInput {
    /// Thresholds, by check id and threshold name, each within its range.
    pub thresholds: Option<Thresholds>,
    /// Severities by check id.
    pub severities: Option<BTreeMap<String, Severity>>,
    /// Checks that are not to run, each once, with a reason.
    pub disabled: Option<Vec<DisabledCheck>>,
    /// Integrations to preview. Null or absent: all that are not deleted.
    #[schema(min_items = 1, max_items = 100)]
    pub integration_ids: Option<Vec<Uuid>>,
}

/// A page of integrations, ordered by id.
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
    /// Integrations that could be evaluated.
    pub items: Vec<IntegrationPreview>,
    /// Integrations that could not be evaluated.
    pub not_evaluated: Vec<NotEvaluated>,
    /// `cursor` of the next page; send it with the same body. Null: this is the last page.
    pub next: Option<String>,
}

/// Effect of the policy on one integration.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntegrationPreview {
    pub integration_id: Uuid,
    pub asset_id: Uuid,
    pub asset_name: String,
    /// When the evaluated snapshot was taken.
    pub observed_at: Timestamp,
    /// With the current policy and today's checks.
    pub before: PreviewFigures,
    /// With the proposed policy and today's checks.
    pub after: PreviewFigures,
    /// Findings open under the proposed policy only, worst first.
    pub would_open: Vec<PreviewChange>,
    /// Findings open under the current policy only, worst first.
    pub would_close: Vec<PreviewChange>,
    /// Findings open under both policies, with different severities.
    pub would_change_severity: Vec<PreviewChange>,
    /// True if there are more changes than listed. The figures include all.
    pub truncated: bool,
}

/// Figures of an asset after a sync that reads the same tenant state.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewFigures {
    /// From 0 to 100, with the acceptances in force now. Null: no check is conclusive.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check is conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Number of open findings by severity, without accepted ones.
    pub findings: SeverityCounts,
    /// Number of accepted findings.
    pub accepted_findings: u32,
}

/// A finding that would open, close or change severity.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewChange {
    pub check_id: String,
    pub resource: String,
    pub title: String,
    /// Severity under the current policy. Null: the finding would open.
    pub severity_before: Option<Severity>,
    /// Severity under the proposed policy. Null: the finding would close.
    pub severity_after: Option<Severity>,
    /// True if an acceptance is in force: the finding would be shown as accepted, not open.
    pub accepted: bool,
    /// Evidence under the proposed policy. Empty: the finding would close.
    pub evidence: Vec<Evidence>,
}

/// An integration that could not be evaluated.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotEvaluated {
    pub integration_id: Uuid,
    pub reason: NotEvaluatedReason,
}

wire_enum! {
    /// Why an integration could not be evaluated. `not_found`: no such integration. `deleted`.
    /// `never_synced`: no sync has succeeded yet. `not_kept`: the latest snapshot is no longer retained.
    /// `too_large`: it was too large to store. `not_understood`: it was written by another version of this
    /// service.
    NotEvaluatedReason of domain::preview::NotEvaluated
}

impl PolicyPreview {
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
