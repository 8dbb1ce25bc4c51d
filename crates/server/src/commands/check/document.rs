//! Results as a JSON document, with the calls that fix each finding. The program never executes these calls.

use domain::checks::{Change, Check};
use domain::finding::FindingKey;
use domain::object::ObjectType;
use domain::remediation::{Call, Fix};
use domain::{coverage, score};
use serde_json::{Value, json};

use super::baseline::Comparison;
use super::results::{Failed, Results};

/// Findings by descending priority, unknown and not enabled checks, counts, score and coverage.
pub fn document(results: &Results<'_>) -> Value {
    let evaluation = results.evaluation;
    let counts = coverage::counts(evaluation);
    let unknown = results.unknown.iter().map(
        |each| json!({"check_id": each.check.id, "reason": each.reason, "scopes": each.scopes}),
    );
    let not_enabled = results.not_enabled.iter();
    let not_enabled =
        not_enabled.map(|each| json!({"check_id": each.check.id, "scopes": each.scopes}));
    let mut document = json!({
        "findings": results.failed.iter().map(finding).collect::<Vec<_>>(),
        "unknown_checks": unknown.collect::<Vec<_>>(),
        "not_enabled_checks": not_enabled.collect::<Vec<_>>(),
        "disabled_checks": evaluation.disabled,
        "checks": counts,
        "score": score::score(evaluation),
        "coverage_percent": coverage::coverage_percent(&counts),
    });
    if let Some(comparison) = &results.comparison {
        document["baseline"] = compared(comparison);
    }
    document
}

/// `baseline` is absent without a baseline.
fn finding(failed: &Failed<'_>) -> Value {
    let Failed {
        key: FindingKey { check_id, resource },
        name,
        check,
        violation,
        ranking,
        standing,
    } = failed;
    let key = |FindingKey { check_id, resource }: &FindingKey| format!("{check_id}:{resource}");
    let part_of = ranking.part_of.as_ref().map(key);
    let cause_id = part_of.clone().unwrap_or_else(|| key(&failed.key));
    let mut finding = json!({
        "check_id": check_id, "check_version": check.version, "title": check.title,
        "resource": resource, "object": object(resource, name.as_deref()),
        "severity": violation.severity, "confidence": failed.confidence(),
        "priority": ranking.priority, "priority_reasons": ranking.reasons,
        "cause_id": cause_id, "part_of": part_of, "evidence": violation.evidence,
        "remediation": remediation(check, resource, violation.change.as_ref()),
    });
    if let Some(standing) = standing {
        finding["baseline"] = json!(standing.name());
    }
    finding
}

fn compared(comparison: &Comparison) -> Value {
    let keys = |keys: &[FindingKey]| -> Vec<Value> {
        let each = keys.iter();
        each.map(|key| json!({"check_id": key.check_id, "resource": key.resource})).collect()
    };
    json!({
        "resolved": keys(&comparison.resolved),
        "undecided": keys(&comparison.undecided),
        "newly_unknown_checks": comparison.newly_unknown,
    })
}

/// The object that a resource key names.
pub fn object(resource: &str, name: Option<&str>) -> Value {
    let (object, id) = ObjectType::of_resource(resource);
    json!({"type": object.name(), "id": id, "name": name})
}

/// With the names of the API. The calls are null if no single call fixes the finding.
pub fn remediation(check: &Check, resource: &str, change: Option<&Change>) -> Value {
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
