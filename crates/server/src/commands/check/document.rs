//! Results as a JSON document, with the calls that fix each finding. The program never executes these calls.

use std::collections::BTreeMap;

use domain::checks::{Change, Check, CheckResult, Evaluation};
use domain::remediation::{Call, Fix};
use domain::tenant::Tenant;
use domain::{coverage, score};
use serde_json::{Value, json};

use super::{confidence, not_enabled, unknown};

/// Findings, unknown and not enabled checks, counts, score and coverage.
pub fn document(tenant: &Tenant, evaluation: &Evaluation) -> Value {
    let counts = coverage::counts(evaluation);
    let findings = evaluation.outcomes.iter().flat_map(|outcome| {
        outcome.results.iter().filter_map(move |result| match &result.result {
            CheckResult::Fail(violation) => Some(json!({
                "check_id": outcome.check.id, "check_version": outcome.check.version,
                "title": outcome.check.title, "resource": result.resource,
                "severity": violation.severity,
                "confidence": confidence(outcome.check, violation), "evidence": violation.evidence,
                "remediation":
                    remediation(outcome.check, &result.resource, violation.change.as_ref()),
            })),
            _ => None,
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
        "checks": counts,
        "score": score::score(evaluation),
        "coverage_percent": coverage::coverage_percent(&counts),
    })
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
