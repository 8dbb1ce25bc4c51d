//! A check of the catalogue.

use domain::checks;
use domain::policy::Policy;
use serde::Serialize;
use utoipa::ToSchema;

use super::remediation::{ControlMapping, Controls, Remediation};
use super::{Confidence, Severity};

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "brute-force-protection-off", "version": 1, "title": "Brute-force protection is off",
    "severity": "critical", "effective_severity": "high", "confidence": "high", "thresholds": [],
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
    /// Of the catalogue, unless a tenant's values make it another.
    pub severity: Severity,
    /// The one that the organisation's policy gives it, whatever a tenant's values are; else `severity`.
    pub effective_severity: Severity,
    /// How sure a failure is.
    pub confidence: Confidence,
    /// What can happen.
    pub risk: &'static str,
    /// Where its finding lives; for a check on a collection, the collection.
    pub resource: &'static str,
    /// The readings it needs.
    pub reads: Vec<&'static str>,
    /// The scopes that feed it: of its readings, and of the members of theirs that take one of their own.
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
    /// The numbers of its condition that a policy may set otherwise.
    pub thresholds: Vec<Threshold>,
}

/// A number of a condition, or of the severity of its failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "max_attempts", "title": "Fails when brute-force protection allows more than", "unit": "attempts",
    "default": 10, "min": 1, "max": 100, "effective": 8,
    "source": "Auth0's default, and the limit of PCI DSS 4.0.1, 8.3.4."
}))]
pub struct Threshold {
    /// Its name in a policy; unique in its check, stable for ever.
    pub name: &'static str,
    /// What it decides, in words that the value and the unit complete.
    pub title: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// Of the catalogue.
    pub default: u64,
    /// The least that a policy may say.
    pub min: u64,
    /// The most that a policy may say.
    pub max: u64,
    /// What is in force for the organisation.
    pub effective: u64,
    /// Where the default comes from.
    pub source: &'static str,
}

impl Check {
    /// As it is in force by this policy.
    pub fn new(check: &'static checks::Check, policy: &Policy) -> Self {
        let terms = checks::EffectiveThresholds::under_policy(policy);
        let bearing = ControlMapping::of(check);
        Self {
            id: check.id,
            version: check.version,
            title: check.title,
            severity: check.severity.into(),
            effective_severity: policy.severity(check).into(),
            confidence: check.confidence.into(),
            risk: check.risk,
            resource: check.resource,
            reads: check.reads.iter().map(|kind| kind.name()).collect(),
            optional_scopes: check.optional_scopes().into_iter().collect(),
            scopes: check.scopes().into_iter().collect(),
            parents: check.parents.to_vec(),
            remediation: Remediation::in_general(check),
            controls: bearing.controls,
            attack_techniques: bearing.attack_techniques,
            automated_threats: bearing.automated_threats,
            thresholds: check.thresholds.iter().map(|of| Threshold::new(of, terms)).collect(),
        }
    }
}

impl Threshold {
    fn new(of: &checks::Threshold, terms: checks::EffectiveThresholds<'_>) -> Self {
        let checks::Threshold { name, title, unit, default, min, max, source, .. } = *of;
        Self { name, title, unit, default, min, max, effective: terms.value_of(of), source }
    }
}
