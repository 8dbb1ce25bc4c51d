//! A check in the catalogue.

use domain::checks;
use domain::policy::Policy;
use serde::Serialize;
use utoipa::ToSchema;

use super::policy::DisabledCheck;
use super::remediation::{ControlMapping, Controls, Remediation};
use super::{Confidence, Severity};

/// A check that tenants are evaluated by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "brute-force-protection-off", "version": 1, "title": "Brute-force protection is off",
    "severity": "critical", "effective_severity": "high", "disabled": null, "confidence": "high", "thresholds": [],
    "risk": "Nothing limits how many passwords an attacker may try against one account.",
    "resource": "attack-protection/brute-force-protection", "reads": ["brute_force_protection"],
    "scopes": ["read:attack_protection"], "optional_scopes": [], "parents": [],
    "remediation": {
        "steps": ["Switch Brute-force Protection on.", "Save."],
        "dashboard_path": "Security > Attack Protection > Brute-force Protection",
        "api_call": null, "undo_call": null, "auth0_cli": null, "undo_auth0_cli": null, "terraform": null,
        "required_scope": "update:attack_protection"
    },
    "controls": {"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]},
    "attack_techniques": ["T1110.001", "T1110.003"], "automated_threats": ["OAT-007"]
}))]
pub struct Check {
    /// Names the misconfiguration. Never changes.
    pub id: &'static str,
    /// Increases when the condition changes.
    pub version: u16,
    /// One line of text.
    pub title: &'static str,
    /// Severity in the catalogue. The values of a tenant can change it.
    pub severity: Severity,
    /// Severity that the organisation's policy sets, whatever the tenant's values are; otherwise
    /// `severity`.
    pub effective_severity: Severity,
    /// Why the organisation's policy disables it, and until when; otherwise null.
    pub disabled: Option<DisabledCheck>,
    /// How certain a failure is.
    pub confidence: Confidence,
    /// What an attacker gains, or what can go wrong.
    pub risk: &'static str,
    /// Resource of the finding; for a check on each object of a collection, the collection.
    pub resource: &'static str,
    /// Readings that the check needs.
    pub reads: Vec<&'static str>,
    /// Scopes of these readings, and of their members that need a separate scope.
    pub scopes: Vec<&'static str>,
    /// The optional ones among `scopes`. The check is `not_enabled` while one that it needs is missing.
    pub optional_scopes: Vec<&'static str>,
    /// Checks whose failure implies this one.
    pub parents: Vec<&'static str>,
    /// How to fix it. The calls are null: their bodies need the values of a tenant.
    pub remediation: Remediation,
    /// Related controls, by framework.
    #[schema(value_type = Controls)]
    pub controls: &'static Controls,
    /// MITRE ATT&CK techniques.
    pub attack_techniques: &'static [&'static str],
    /// OWASP Automated Threats.
    pub automated_threats: &'static [&'static str],
    /// Numbers in the condition that a policy can change.
    pub thresholds: Vec<Threshold>,
}

/// A number in the condition of a check, or in the rule for its severity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "max_attempts", "title": "Fails when brute-force protection allows more than", "unit": "attempts",
    "default": 10, "min": 1, "max": 100, "effective": 8,
    "source": "Auth0's default, and the limit of PCI DSS 4.0.1, 8.3.4."
}))]
pub struct Threshold {
    /// Name in a policy. Unique within the check; never changes.
    pub name: &'static str,
    /// What the number decides. Value and unit complete the text.
    pub title: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// Value in the catalogue.
    pub default: u64,
    /// Lowest value a policy can set.
    pub min: u64,
    /// Highest value a policy can set.
    pub max: u64,
    /// Value in force for the organisation.
    pub effective: u64,
    /// Source of the default.
    pub source: &'static str,
}

impl Check {
    /// The check with the thresholds and the severity of this policy.
    pub fn new(check: &'static checks::Check, policy: &Policy) -> Self {
        let terms = checks::EffectiveThresholds::under_policy(policy);
        let mapping = ControlMapping::for_check(check.id);
        Self {
            id: check.id,
            version: check.version,
            title: check.title,
            severity: check.severity.into(),
            effective_severity: policy.severity(check).into(),
            disabled: policy
                .disabled
                .get(check.id)
                .map(|entry| DisabledCheck::new(check.id, entry)),
            confidence: check.confidence.into(),
            risk: check.risk,
            resource: check.resource,
            reads: check.reads.iter().map(|kind| kind.name()).collect(),
            optional_scopes: check.optional_scopes().into_iter().collect(),
            scopes: check.scopes().into_iter().collect(),
            parents: check.parents.to_vec(),
            remediation: Remediation::in_general(check),
            controls: &mapping.controls,
            attack_techniques: &mapping.attack_techniques,
            automated_threats: &mapping.automated_threats,
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
