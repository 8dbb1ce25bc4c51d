//! A check of the catalogue.

use domain::checks;
use serde::Serialize;
use utoipa::ToSchema;

use super::remediation::{Bearing, Controls, Remediation};
use super::{Confidence, Severity};

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "brute-force-protection-off", "version": 1, "title": "Brute-force protection is off",
    "severity": "critical", "confidence": "high",
    "risk": "Nothing limits how many passwords an attacker may try against one account.",
    "resource": "attack-protection/brute-force-protection", "reads": ["brute_force_protection"],
    "scopes": ["read:attack_protection"], "optional_scopes": [], "parents": [],
    "remediation": {
        "steps": ["Switch Brute-force Protection on.", "Save."],
        "dashboard_path": "Security > Attack Protection > Brute-force Protection",
        "api_call": null, "undo_call": null, "required_scope": "update:attack_protection"
    },
    "controls": {"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]},
    "attack_techniques": ["T1110.001", "T1110.003"], "automated_threats": ["OAT-007"]
}))]
pub struct Check {
    /// Says what is wrong; stable for ever.
    pub id: &'static str,
    /// Raised when the condition changes.
    pub version: u16,
    /// One line for people.
    pub title: &'static str,
    /// Unless a tenant's values make it another.
    pub severity: Severity,
    /// How sure a failure is.
    pub confidence: Confidence,
    /// What can happen.
    pub risk: &'static str,
    /// Where its finding lives; for a check on a collection, the collection.
    pub resource: &'static str,
    /// The readings it needs.
    pub reads: Vec<&'static str>,
    /// The scopes that feed it.
    pub scopes: Vec<&'static str>,
    /// Those of them that are optional: without each of them the check is not enabled.
    pub optional_scopes: Vec<&'static str>,
    /// Checks whose failure already says it.
    pub parents: Vec<&'static str>,
    /// How to mend it, without the calls, whose bodies need a tenant.
    pub remediation: Remediation,
    /// The controls it bears on, by framework.
    pub controls: Controls,
    /// Techniques of MITRE ATT&CK.
    pub attack_techniques: Vec<&'static str>,
    /// OWASP Automated Threats.
    pub automated_threats: Vec<&'static str>,
}

impl From<&'static checks::Check> for Check {
    fn from(check: &'static checks::Check) -> Self {
        let bearing = Bearing::of(check);
        let mut scopes: Vec<_> = check.reads.iter().filter_map(|kind| kind.scope()).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let is_optional = |scope: &&str| !domain::scope::REQUIRED.contains(scope);
        Self {
            id: check.id,
            version: check.version,
            title: check.title,
            severity: check.severity.into(),
            confidence: check.confidence.into(),
            risk: check.risk,
            resource: check.resource,
            reads: check.reads.iter().map(|kind| kind.name()).collect(),
            optional_scopes: scopes.iter().copied().filter(is_optional).collect(),
            scopes,
            parents: check.parents.to_vec(),
            remediation: Remediation::in_general(check),
            controls: bearing.controls,
            attack_techniques: bearing.attack_techniques,
            automated_threats: bearing.automated_threats,
        }
    }
}
