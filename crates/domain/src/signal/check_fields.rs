//! What a signal says of its check: name, controls, techniques, severity, remediation.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::schema::{
    AttackPattern, ControlType, Level, Remediation, SignalSeverity, Standard, TechniqueMapping,
};
use crate::attack_techniques::{Effect, Technique};
use crate::checks::{Check, Severity};
use crate::controls;

/// Auth0's dashboard, where every remediation can be done.
const DASHBOARD: &str = "https://manage.auth0.com/";
/// A name for each check. One that is in the list is never changed or removed; `make bless` adds those of new checks.
pub(super) const NAMES: &str = include_str!("names.json");

/// From 0 to 10, in the ranges of CVSS.
pub(super) const fn weight(severity: Severity) -> f32 {
    match severity {
        Severity::Critical => 9.5,
        Severity::High => 8.0,
        Severity::Medium => 5.5,
        Severity::Low => 2.5,
        Severity::Info => 0.5,
    }
}

pub(super) const fn severity(severity: Severity) -> SignalSeverity {
    SignalSeverity {
        r#type: "custom",
        value: weight(severity),
        level: Level::from_severity(severity),
    }
}

pub(super) fn name_of(check_id: &str) -> Option<&'static str> {
    static NAME_OF: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| serde_json::from_str(NAMES).expect("it is a map of texts"));
    NAME_OF.get(check_id).copied()
}

/// Where there are techniques of ATT&CK, they come first.
pub(super) fn attack_patterns(check: &'static Check) -> Vec<AttackPattern> {
    let mut techniques = controls::techniques(check);
    techniques.sort_by_key(|each| each.is_automated_threat());
    let pattern = |technique: &Technique| AttackPattern {
        name: technique.name,
        source_name: if technique.is_automated_threat() {
            "OWASP Automated Threats"
        } else {
            "ATT&CK"
        },
        source_id: technique.id,
        mapping: TechniqueMapping { technique_name: technique.name, technique_id: technique.id },
    };
    techniques.into_iter().map(pattern).collect()
}

pub(super) fn effects(check: &'static Check) -> BTreeSet<Effect> {
    controls::techniques(check).into_iter().flat_map(|each| each.effects).copied().collect()
}

pub(super) fn automated_threats(check: &'static Check) -> Vec<&'static str> {
    let techniques = controls::techniques(check).into_iter();
    techniques.filter(|each| each.is_automated_threat()).map(|each| each.id).collect()
}

pub(super) fn control_type(check: &'static Check) -> ControlType {
    if controls::is_detection(check) { ControlType::Detection } else { ControlType::Mitigation }
}

pub(super) fn standards(check: &'static Check) -> Vec<Standard> {
    let named = controls::by_standard(check);
    named.map(|(name, value)| Standard { name, value }).collect()
}

pub(super) fn remediation(check: &'static Check) -> Remediation {
    let of = check.remediation;
    Remediation {
        description: format!("{}: {}", of.dashboard_path, of.steps.join(" ")),
        reference: DASHBOARD,
        impact: of.side_effects.text,
    }
}
