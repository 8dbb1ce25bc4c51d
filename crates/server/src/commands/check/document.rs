//! Results as a JSON document, with the calls that fix each finding. The program never executes these calls.

use std::collections::BTreeMap;

use domain::checks::{Change, Check, Evaluation};
use domain::finding::FindingKey;
use domain::object::ObjectType;
use domain::remediation::{Call, Fix};
use domain::tenant::Tenant;
use domain::{coverage, score};
use serde_json::{Value, json};

use super::{Failed, confidence, failures, not_enabled, unknown};

/// Findings by descending priority, unknown and not enabled checks, counts, score and coverage.
pub fn document(tenant: &Tenant, evaluation: &Evaluation) -> Value {
    let counts = coverage::counts(evaluation);
    let findings = failures(tenant, evaluation).into_iter().map(|failed| {
        let Failed { key: FindingKey { check_id, resource }, name, check, violation, ranking } =
            failed;
        let object = object(&resource, name.as_deref());
        let key = |FindingKey { check_id, resource }: &FindingKey| format!("{check_id}:{resource}");
        let part_of = ranking.part_of.as_ref().map(key);
        let cause_id = part_of.clone().unwrap_or_else(|| format!("{check_id}:{resource}"));
        json!({
            "check_id": check_id, "check_version": check.version, "title": check.title,
            "resource": resource, "object": object,
            "severity": violation.severity, "confidence": confidence(check, violation),
            "priority": ranking.priority, "priority_reasons": ranking.reasons,
            "cause_id": cause_id, "part_of": part_of, "evidence": violation.evidence,
            "remediation": remediation(check, &resource, violation.change.as_ref()),
        })
    });
    let waiting: BTreeMap<String, Vec<String>> = coverage::not_judged(evaluation, tenant)
        .into_iter()
        .map(|check| (check.check_id, check.scopes))
        .collect();
    let unknown: Vec<Value> = unknown(evaluation)
        .into_iter()
        .map(|(check, reason)| {
            let scopes = waiting.get(check).map_or(&[][..], Vec::as_slice);
            json!({"check_id": check, "reason": reason, "scopes": scopes})
        })
        .collect();
    let not_enabled: Vec<Value> = not_enabled(tenant, evaluation)
        .into_iter()
        .map(|(check, scopes)| json!({"check_id": check, "scopes": scopes}))
        .collect();
    json!({
        "findings": findings.collect::<Vec<_>>(),
        "unknown_checks": unknown,
        "not_enabled_checks": not_enabled,
        "disabled_checks": evaluation.disabled,
        "checks": counts,
        "score": score::score(evaluation),
        "coverage_percent": coverage::coverage_percent(&counts),
    })
}

/// The object that a resource key names.
pub fn object(resource: &str, name: Option<&str>) -> Value {
    let (object, id) = ObjectType::of_resource(resource);
    json!({"type": object.name(), "id": id, "name": name})
}

/// With the names of the API. The calls are null if no single call fixes the finding.
fn remediation(check: &Check, resource: &str, change: Option<&Change>) -> Value {
    let fix = change.and_then(|change| Fix::for_change(check, resource, change.clone()));
    let fix = fix.as_ref();
    let call =
        |Call { method, path, body }: &Call| json!({"method": method, "path": path, "body": body});
    json!({
        "steps": check.remediation.steps,
        "dashboard_path": check.remediation.dashboard_path,
        "api_call": fix.map(|fix| call(&fix.call)),
        "undo_call": fix.map(|fix| call(&fix.undo)),
        "auth0_cli": fix.map(|fix| fix.call.auth0_cli()),
        "undo_auth0_cli": fix.map(|fix| fix.undo.auth0_cli()),
        "terraform": fix.and_then(|fix| fix.terraform.as_deref()),
        "required_scope": check.remediation.required_scope,
    })
}
