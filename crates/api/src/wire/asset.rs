//! An asset: a tenant as SAFE shows it.

use domain::coverage;
use domain::integration::stale_after;
use serde::Serialize;
use store::AssetView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Timestamp, UnknownReason};

/// Type of asset.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssetType {
    /// An Auth0 tenant.
    Auth0Tenant,
}

/// Attack surface of the asset.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttackSurface {
    /// Software as a service.
    Saas,
}

/// A tenant as SAFE shows it. The first successful sync creates it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "name": "acme-auth0-prod", "type": "auth0_tenant", "tenant_domain": "acme.eu.auth0.com", "attack_surface": "saas",
    "score": 72, "coverage_percent": 85, "findings": {"critical": 1, "high": 2, "medium": 1, "low": 0, "info": 0},
    "accepted_findings": 0,
    "unknown_checks": [{"check_id": "bot-detection-off", "reason": "plan_unavailable", "since": "2026-11-24T06:00:01.000000Z"}],
    "attributes": {"active_users_30d": 1204, "logins_30d": 48211}, "last_sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11",
    "evaluated_at": "2026-11-24T06:00:01.000000Z", "next_sync_at": "2026-11-25T06:00:00.000000Z", "stale": false,
    "created_at": "2026-11-24T05:59:00.000000Z", "deleted_at": null
}))]
pub struct Asset {
    pub id: Uuid,
    pub integration_id: Uuid,
    /// The integration's asset name.
    pub name: String,
    pub r#type: AssetType,
    /// The tenant's domain.
    pub tenant_domain: String,
    pub attack_surface: AttackSurface,
    /// From 0 to 100, with the acceptances in force now. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
    /// Number of open findings by severity, without accepted ones.
    pub findings: SeverityCounts,
    /// Number of findings that are accepted now.
    pub accepted_findings: u32,
    /// Checks without a conclusive result.
    pub unknown_checks: Vec<UnknownCheck>,
    pub attributes: Attributes,
    /// The sync of the latest evaluation.
    pub last_sync_id: Uuid,
    /// When the tenant was last evaluated.
    pub evaluated_at: Timestamp,
    /// When the next scheduled sync is due. Null: none is scheduled.
    pub next_sync_at: Option<Timestamp>,
    /// True if the evaluation is older than both twice the sync interval and 48 hours; for manual syncs,
    /// older than 30 days.
    pub stale: bool,
    /// When the integration was created.
    pub created_at: Timestamp,
    /// When the integration was deleted. The asset is removed 90 days later. Null: not deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Number of open findings by severity.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeverityCounts {
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    pub info: u32,
}

/// A check without a conclusive result.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownCheck {
    pub check_id: String,
    pub reason: UnknownReason,
    /// Start of the unbroken series of syncs without a conclusive result.
    pub since: Timestamp,
}

/// Statistics of a tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssetAttributes)]
pub struct Attributes {
    /// Active users in the last 30 days. Null: not known.
    pub active_users_30d: Option<u64>,
    /// Logins in the last 30 days. Null: not known.
    pub logins_30d: Option<u64>,
}

impl Asset {
    /// The view at `now`.
    pub fn new(view: AssetView, now: jiff::Timestamp) -> Self {
        let AssetView { asset, frequency, next_sync_at, created_at, deleted_at, .. } = view;
        let age = now.duration_since(asset.evaluated_at);
        Self {
            id: asset.id.0,
            integration_id: asset.integration_id.0,
            name: asset.name,
            r#type: AssetType::Auth0Tenant,
            tenant_domain: asset.tenant_domain,
            attack_surface: AttackSurface::Saas,
            score: view.score,
            coverage_percent: asset.coverage_percent,
            findings: view.findings.into(),
            accepted_findings: view.accepted,
            unknown_checks: asset.unknown_checks.into_iter().map(UnknownCheck::from).collect(),
            attributes: Attributes {
                active_users_30d: asset.active_users_30d,
                logins_30d: asset.logins_30d,
            },
            last_sync_id: asset.sync_id.0,
            evaluated_at: asset.evaluated_at.into(),
            next_sync_at: next_sync_at.map(Timestamp),
            stale: age > stale_after(&frequency, now),
            created_at: created_at.into(),
            deleted_at: deleted_at.map(Timestamp),
        }
    }
}

impl From<store::SeverityCounts> for SeverityCounts {
    fn from(counts: store::SeverityCounts) -> Self {
        let store::SeverityCounts { critical, high, medium, low, info } = counts;
        Self { critical, high, medium, low, info }
    }
}

impl From<coverage::UnknownCheck> for UnknownCheck {
    fn from(check: coverage::UnknownCheck) -> Self {
        let coverage::UnknownCheck { check_id, reason, since } = check;
        Self { check_id, reason: reason.into(), since: since.into() }
    }
}
