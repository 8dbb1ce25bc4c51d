//! The members of a signal as SAFE publishes them, as far as they are used. A member without a value is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::attack_techniques::Effect;
use crate::checks::Severity;

/// Version of the format: its own members instead of tags.
pub const VERSION: &str = "2.0.0";

pub type Tags = BTreeMap<&'static str, [String; 1]>;

/// One signal.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signal {
    pub version: &'static str,
    /// New at every submission: SAFE overwrites a signal whose id it knows.
    pub id: Uuid,
    /// Never changes for a check: SAFE takes another name for another event.
    pub name: String,
    pub source: Source,
    pub r#type: &'static str,
    pub description: String,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_since: Option<String>,
    /// By then the next sync must have renewed it.
    pub expires_at: String,
    /// True: the resource is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<bool>,
    /// From 0 to 100.
    pub confidence: u8,
    pub tags: Tags,
    pub entity: Entity,
    pub security_context: SecurityContext,
}

/// The submitter.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub name: &'static str,
    /// None: syncs are started by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_submission_interval_in_mins: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "SAFE's name")]
pub struct Entity {
    pub r#type: &'static str,
    pub name: String,
    pub entity_attributes: EntityAttributes,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityAttributes {
    pub r#type: &'static str,
    pub fqdn: String,
    pub url: String,
    pub domain: String,
    pub external_source_id: String,
    pub asset_type: &'static str,
    pub attack_surface: &'static str,
    pub platform: &'static str,
    pub internet_facing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_score: Option<String>,
    pub criticality: Level,
    pub confidentiality_requirement: Level,
    pub integrity_requirement: Level,
    pub availability_requirement: Level,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl Level {
    pub const fn from_severity(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityContext {
    pub r#type: &'static str,
    pub status: Status,
    pub evidence: SignalEvidence,
    pub severity: SignalSeverity,
    pub standards_mapping: Vec<Standard>,
    pub attack_pattern: Vec<AttackPattern>,
    /// From -10 (bad for the posture) to 10.
    pub degree_of_impact: f32,
    pub effect: BTreeSet<Effect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_type: Option<ControlType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    pub last_assessed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_since_in_source: Option<String>,
    pub compliance_map: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owasp_ids: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub compliance_status: ComplianceStatus,
    /// None: there never was a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_status: Option<WorkflowStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ComplianceStatus {
    Pass,
    Fail,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkflowStatus {
    New,
    RiskAccepted,
    Resolved,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignalEvidence {
    pub observation_text: String,
    /// Resource, `#`, and the JSON Pointer to the first wrong value.
    pub path: String,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignalSeverity {
    pub r#type: &'static str,
    /// From 0 to 10.
    pub value: f32,
    pub level: Level,
}

#[derive(Debug, Clone, Serialize)]
pub struct Standard {
    pub name: &'static str,
    pub value: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttackPattern {
    pub name: &'static str,
    pub source_name: &'static str,
    pub source_id: &'static str,
    pub mapping: TechniqueMapping,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TechniqueMapping {
    pub technique_name: &'static str,
    pub technique_id: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ControlType {
    Detection,
    Mitigation,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    pub business: &'static str,
    pub technical: String,
    pub business_impact: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct Remediation {
    pub description: String,
    pub reference: &'static str,
    /// What the change does to users.
    pub impact: &'static str,
}
