//! Findings as OCSF events, like the service's export without the members that only the service stores.

use domain::checks::{CheckResult, Evaluation};
use domain::finding::FindingStatus;
use domain::finding::LastResult;
use domain::object::ObjectNames;
use domain::ocsf::{Subject, compliance_finding};
use domain::tenant::Tenant;
use serde_json::{Map, Value};

/// One event for each finding. Its `uid` consists of client ID, check and resource, so that a tenant and its snapshot
/// give the same ones.
pub fn events(tenant: &Tenant, evaluation: &Evaluation, domain: Option<&str>) -> Vec<Value> {
    let mut events = Vec::new();
    let names = ObjectNames::new(tenant);
    for outcome in &evaluation.outcomes {
        for found in &outcome.results {
            let CheckResult::Fail(violation) = &found.result else { continue };
            let at = tenant.observed_at;
            let name = names.name_of(&found.resource);
            events.push(compliance_finding(&Subject {
                uid: format!("{}/{}/{}", tenant.client_id, outcome.check.id, found.resource),
                organisation: None,
                tenant_domain: domain,
                check_id: outcome.check.id,
                check_version: outcome.check.version,
                check: Some(outcome.check),
                title: outcome.check.title,
                resource: &found.resource,
                object_name: name.as_deref(),
                severity: violation.severity,
                confidence: violation.confidence,
                standing: FindingStatus::Open,
                result: LastResult::Fail,
                acceptance: None,
                evidence: &violation.evidence,
                change: violation.change.as_ref(),
                first_seen_at: at,
                last_seen_at: at,
                last_evaluated_at: at,
                resolved_at: None,
                kept: Map::new(),
            }));
        }
    }
    events
}
