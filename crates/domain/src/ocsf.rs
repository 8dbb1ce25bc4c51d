//! Findings as events of the Open Cybersecurity Schema Framework (OCSF, github.com/ocsf/ocsf-schema), class
//! Compliance Finding. Events have no null members; data without a place in the schema is in `unmapped`.

mod subject;
#[cfg(test)]
mod tests;

pub use subject::Subject;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::attack_techniques::Technique;
use crate::checks::{Check, Confidence, Severity};
use crate::controls;
use crate::finding::FindingStatus;
use crate::finding::LastResult;

/// Version of the schema.
pub const VERSION: &str = "1.8.0";
/// Product that reports the finding.
const PRODUCT: &str = "Auth0 for SAFE";
const VENDOR: &str = "SAFE";
/// Findings.
const CATEGORY_UID: u32 = 2;
/// Compliance Finding.
const CLASS_UID: u32 = 2003;

/// An enumeration value of the schema with its caption.
type Named = (u32, &'static str);

/// Status of a finding that need not be fixed.
const SUPPRESSED: Named = (3, "Suppressed");

/// The event for the current state of a finding.
pub fn compliance_finding(subject: &Subject<'_>) -> Value {
    let ((activity_id, activity), at) = activity(subject);
    let (severity_id, severity) = severity(subject.severity);
    let is_disabled = subject.kept.contains_key("disabled_by_policy");
    let (status_id, status) = if is_disabled { SUPPRESSED } else { status(subject.standing) };
    let confidence = subject.confidence.or(subject.check.map(|check| check.confidence));
    let confidence = confidence.map(confidence_of);
    let class = "Compliance Finding";
    let place = subject.tenant_domain.unwrap_or("the tenant");
    enrichment(json!({
        "activity_id": activity_id, "activity_name": activity,
        "category_uid": CATEGORY_UID, "category_name": "Findings",
        "class_uid": CLASS_UID, "class_name": class,
        "type_uid": CLASS_UID * 100 + activity_id, "type_name": format!("{class}: {activity}"),
        "time": at.as_millisecond(),
        "severity_id": severity_id, "severity": severity,
        "status_id": status_id, "status": status,
        "status_detail": subject.acceptance.map(|each| each.terms.reason.name()),
        "confidence_id": confidence.map(|(id, _)| id),
        "confidence": confidence.map(|(_, caption)| caption),
        "comment": subject.acceptance.map(|each| &each.terms.rationale),
        "message": format!("{}: {} of {place}", subject.title, named(subject)),
        "metadata": enrichment(json!({
            "version": VERSION,
            "product": {"name": PRODUCT, "vendor_name": VENDOR, "version": env!("CARGO_PKG_VERSION")},
            "tenant_uid": subject.organisation.map(ToString::to_string),
        })),
        "finding_info": finding_info(subject, at),
        "compliance": compliance(subject),
        "resources": [resource(subject)],
        "remediation": subject.check.map(remediation),
        "evidences": evidences(subject),
        "unmapped": subject.unmapped(),
    }))
}

/// Latest activity of the finding, and its time.
fn activity(subject: &Subject<'_>) -> (Named, Timestamp) {
    let accepted_at = subject.acceptance.map(|each| each.accepted_at);
    match (subject.standing, accepted_at) {
        (FindingStatus::Resolved, _) => {
            ((3, "Close"), subject.resolved_at.unwrap_or(subject.last_evaluated_at))
        }
        (_, None) if subject.first_seen_at == subject.last_evaluated_at => {
            ((1, "Create"), subject.first_seen_at)
        }
        (_, accepted_at) => {
            ((2, "Update"), accepted_at.unwrap_or(Timestamp::MIN).max(subject.last_evaluated_at))
        }
    }
}

const fn severity(severity: Severity) -> Named {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// "In Progress" is never used: the service does not know whether someone works on a finding.
const fn status(standing: FindingStatus) -> Named {
    match standing {
        FindingStatus::Open => (1, "New"),
        FindingStatus::Accepted => SUPPRESSED,
        FindingStatus::Resolved => (4, "Resolved"),
    }
}

const fn confidence_of(confidence: Confidence) -> Named {
    match confidence {
        Confidence::Low => (1, "Low"),
        Confidence::Medium => (2, "Medium"),
        Confidence::High => (3, "High"),
    }
}

/// The schema uses Warning for a missing result.
const fn compliance_status(result: LastResult) -> Named {
    match result {
        LastResult::Pass => (1, "Pass"),
        LastResult::Unknown(_) => (2, "Warning"),
        LastResult::Fail => (3, "Fail"),
        LastResult::NotApplicable(_) => (99, "Not Applicable"),
    }
}

fn finding_info(subject: &Subject<'_>, modified_at: Timestamp) -> Value {
    let attacks = subject.check.map(attacks).filter(|attacks| !attacks.is_empty());
    enrichment(json!({
        "uid": subject.uid,
        "title": subject.title,
        "desc": subject.check.map(|check| check.risk),
        "types": ["Misconfiguration"],
        "data_sources": ["Auth0 Management API"],
        "created_time": subject.first_seen_at.as_millisecond(),
        "first_seen_time": subject.first_seen_at.as_millisecond(),
        "last_seen_time": subject.last_seen_at.as_millisecond(),
        "modified_time": modified_at.as_millisecond(),
        "analytic": {
            "type_id": 1, "type": "Rule", "uid": subject.check_id,
            "name": subject.check.map_or(subject.title, |check| check.title),
            "version": subject.check_version.to_string(),
        },
        "attacks": attacks,
    }))
}

/// The techniques of ATT&CK; sub-techniques with their parent.
fn attacks(check: &'static Check) -> Vec<Value> {
    let techniques = controls::techniques(check).into_iter();
    techniques.filter(|each| !each.is_automated_threat()).map(attack).collect()
}

fn attack(technique: &Technique) -> Value {
    let named = |technique: &Technique| {
        let path = technique.id.replace('.', "/");
        let src_url = format!("https://attack.mitre.org/techniques/{path}/");
        json!({"uid": technique.id, "name": technique.name, "src_url": src_url})
    };
    let tactic = technique.tactic.map(|tactic| {
        let src_url = format!("https://attack.mitre.org/tactics/{}/", tactic.id);
        json!({"uid": tactic.id, "name": tactic.name, "src_url": src_url})
    });
    let parent = technique.id.split_once('.').and_then(|(parent, _)| Technique::find(parent));
    enrichment(json!({
        "technique": named(parent.unwrap_or(technique)),
        "sub_technique": parent.map(|_| named(technique)),
        "tactic": tactic,
    }))
}

fn compliance(subject: &Subject<'_>) -> Value {
    let (status_id, status) = compliance_status(subject.result);
    let by_standard = subject.check.into_iter().flat_map(controls::by_standard);
    let mut standards: Vec<&str> = by_standard.map(|(standard, _)| standard).collect();
    standards.dedup();
    let requirements = subject.check.map(controls::requirements).unwrap_or_default();
    enrichment(json!({
        "control": subject.check_id,
        "standards": Some(standards).filter(|all| !all.is_empty()),
        "requirements": Some(requirements).filter(|all| !all.is_empty()),
        "status_id": status_id, "status": status,
        "status_details": subject.result.reason().map(|reason| vec![reason]),
    }))
}

/// The resource, with the name of its object.
fn named(subject: &Subject<'_>) -> String {
    match subject.object_name {
        Some(name) => format!("{name} ({})", subject.resource),
        None => subject.resource.to_owned(),
    }
}

fn resource(subject: &Subject<'_>) -> Value {
    let uid = match subject.tenant_domain {
        Some(domain) => format!("{domain}/{}", subject.resource),
        None => subject.resource.to_owned(),
    };
    // A tenant's domain can have a port; a host name has none.
    let hostname = subject.tenant_domain.and_then(|domain| domain.split(':').next());
    enrichment(json!({
        "uid": uid, "name": subject.object_name.unwrap_or(subject.resource), "type": "Auth0 Resource",
        "namespace": subject.tenant_domain, "hostname": hostname,
        "role_id": 1, "role": "Target",
    }))
}

fn remediation(check: &'static Check) -> Value {
    let steps = check.remediation.steps.join(" ");
    let numbers = controls::cis_numbers(check).into_iter();
    let cis_controls: Vec<_> =
        numbers.map(|number| json!({"name": number, "version": "v8"})).collect();
    enrichment(json!({
        "desc": format!("{}: {steps}", check.remediation.dashboard_path),
        "cis_controls": Some(cis_controls).filter(|all| !all.is_empty()),
    }))
}

fn evidences(subject: &Subject<'_>) -> Option<Vec<Value>> {
    let each = subject.evidence.iter().map(|evidence| {
        let name = format!("{}{}", evidence.reading.name(), evidence.pointer);
        json!({"name": name, "data": evidence})
    });
    Some(each.collect()).filter(|all: &Vec<Value>| !all.is_empty())
}

/// Removes null members: the schema has optional members, not nullable ones.
fn enrichment(object: Value) -> Value {
    match object {
        Value::Object(members) => {
            let there = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.collect::<Map<_, _>>())
        }
        other => other,
    }
}
