//! A finding as a signal: one line for pipelines that collect signals from many tools. Names and meanings
//! never change; members may be added.

use serde::Serialize;
use store::FindingView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::asset::AssetType;
use super::evidence::Evidence;
use super::finding::{Finding, FindingState};
use super::remediation::{Controls, Remediation};
use super::{Severity, Timestamp};

/// Type of signal.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalType {
    /// A setting that deviates from its expected value.
    Misconfiguration,
}

/// Source of the signal.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalSource {
    /// Auth0.
    Auth0,
}

/// One line of the `signal` export: the current state of one finding.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the format names its id so, beside those of others")]
#[schema(example = json!({
    "signal_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081", "type": "misconfiguration", "source": "auth0",
    "asset": {"id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
        "name": "acme-auth0-prod", "type": "auth0_tenant", "tenant_domain": "acme.eu.auth0.com"},
    "resource": "attack-protection/brute-force-protection", "check_id": "brute-force-protection-off",
    "severity": "critical", "severity_score": 100, "state": "open", "observed_at": "2026-11-24T06:00:01.000000Z",
    "first_observed_at": "2026-11-24T06:00:01.000000Z", "title": "Brute-force protection is off",
    "description": "Nothing limits how many passwords an attacker may try against one account.",
    "evidence": [{"reading": "brute_force_protection", "pointer": "/enabled", "found": false, "expected": true}],
    "remediation_summary": "Security > Attack Protection > Brute-force Protection: Switch Brute-force Protection on. Save.",
    "controls": {"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]}, "deleted_at": null, "disabled_by_policy": false
}))]
pub struct Signal {
    /// Id of the finding, the same in every export.
    pub signal_id: Uuid,
    pub r#type: SignalType,
    pub source: SignalSource,
    pub asset: SignalAsset,
    /// Auth0 path without `/api/v2/`; `tenant` for checks that combine several resources.
    pub resource: String,
    pub check_id: String,
    /// Severity, given the tenant's values.
    pub severity: Severity,
    /// Severity as a number: 100, 75, 50, 25 or 0.
    #[schema(maximum = 100)]
    pub severity_score: u8,
    pub state: FindingState,
    /// When the check was last conclusive.
    pub observed_at: Timestamp,
    /// When the finding was first observed.
    pub first_observed_at: Timestamp,
    /// The misconfiguration.
    pub title: String,
    /// What an attacker gains, or what can go wrong. Null: the check is no longer in the catalogue.
    pub description: Option<&'static str>,
    /// Evidence of the latest failing evaluation.
    pub evidence: Vec<Evidence>,
    /// How to fix it, as text. Null: the check is no longer in the catalogue.
    pub remediation_summary: Option<String>,
    /// Related controls, by framework.
    #[schema(value_type = Controls)]
    pub controls: &'static Controls,
    /// When the integration was deleted. Null: not deleted.
    pub deleted_at: Option<Timestamp>,
    /// True if the policy disables its check.
    pub disabled_by_policy: bool,
}

/// The asset of a signal.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignalAsset {
    pub id: Uuid,
    pub integration_id: Uuid,
    /// The integration's asset name.
    pub name: String,
    pub r#type: AssetType,
    /// The tenant's domain.
    pub tenant_domain: String,
}

impl Signal {
    /// The view at `now`.
    pub fn new(view: FindingView, now: jiff::Timestamp) -> Self {
        let (asset_name, tenant_domain) = (view.asset_name.clone(), view.tenant_domain.clone());
        let severity = view.finding.severity;
        let finding = Finding::new(view, now);
        Self {
            signal_id: finding.id,
            r#type: SignalType::Misconfiguration,
            source: SignalSource::Auth0,
            asset: SignalAsset {
                id: finding.asset_id,
                integration_id: finding.integration_id,
                name: asset_name,
                r#type: AssetType::Auth0Tenant,
                tenant_domain,
            },
            resource: finding.resource,
            check_id: finding.check_id,
            severity: finding.severity,
            severity_score: score(severity),
            state: finding.state,
            observed_at: finding.last_evaluated_at,
            first_observed_at: finding.first_seen_at,
            title: finding.title,
            description: finding.risk,
            evidence: finding.evidence,
            remediation_summary: finding.remediation.as_ref().map(summary),
            controls: finding.controls,
            deleted_at: finding.deleted_at,
            disabled_by_policy: finding.disabled_by_policy,
        }
    }
}

const fn score(severity: domain::checks::Severity) -> u8 {
    use domain::checks::Severity as Of;
    match severity {
        Of::Critical => 100,
        Of::High => 75,
        Of::Medium => 50,
        Of::Low => 25,
        Of::Info => 0,
    }
}

fn summary(remediation: &Remediation) -> String {
    format!("{}: {}", remediation.dashboard_path, remediation.steps.join(" "))
}
