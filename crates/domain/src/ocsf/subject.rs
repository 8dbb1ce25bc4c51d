//! What an event tells of: a finding that is kept, or one that was found without a database.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{controls, enrichment};
use crate::acceptance::{Acceptance, FindingStatus};
use crate::checks::{self, Change, Check, Confidence, Evidence, Severity};
use crate::clock::rfc3339;
use crate::finding::{Finding, LastResult};
use crate::ids::OrganisationId;

/// One check on one resource of one tenant.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The same for the same finding, always.
    pub uid: String,
    /// Whose it is.
    pub organisation: Option<&'a OrganisationId>,
    /// None where it is not known: snapshots do not have it.
    pub tenant_domain: Option<&'a str>,
    /// The check's id.
    pub check_id: &'a str,
    /// The check's version that last failed it.
    pub check_version: u16,
    /// None when it has left the catalogue.
    pub check: Option<&'static Check>,
    /// What is wrong.
    pub title: &'a str,
    /// The resource key.
    pub resource: &'a str,
    /// With the tenant's values.
    pub severity: Severity,
    /// Where the tenant makes it another than the check's.
    pub confidence: Option<Confidence>,
    /// Where it stands now.
    pub standing: FindingStatus,
    /// What the last evaluation said.
    pub result: LastResult,
    /// One that is in force.
    pub acceptance: Option<&'a Acceptance>,
    /// Of the last failing evaluation.
    pub evidence: &'a [Evidence],
    /// The computed mend of the last failing evaluation.
    pub change: Option<&'a Change>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen failing.
    pub last_seen_at: Timestamp,
    /// When it was last judged conclusively.
    pub last_evaluated_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// What only a finding that is kept has.
    pub kept: Map<String, Value>,
}

impl<'a> Subject<'a> {
    /// A finding that is kept, as it stands at `now`.
    pub fn of(
        finding: &'a Finding,
        acceptance: Option<&'a Acceptance>,
        tenant_domain: &'a str,
        now: Timestamp,
    ) -> Self {
        let mut kept = Map::new();
        kept.insert("integration_id".into(), json!(finding.integration_id));
        kept.insert("asset_id".into(), json!(finding.asset_id));
        kept.insert("open_since".into(), json!(rfc3339(finding.open_since)));
        kept.insert("reopen_count".into(), json!(finding.reopen_count));
        Self {
            uid: finding.id.to_string(),
            organisation: Some(&finding.organisation_id),
            tenant_domain: Some(tenant_domain),
            check_id: &finding.key.check_id,
            check_version: finding.check_version,
            check: checks::find(&finding.key.check_id),
            title: &finding.title,
            resource: &finding.key.resource,
            severity: finding.severity,
            confidence: finding.confidence,
            standing: FindingStatus::of(finding.state, acceptance, now),
            result: finding.result,
            acceptance: acceptance.filter(|each| each.is_in_force(now)),
            evidence: &finding.evidence,
            change: finding.change.as_ref(),
            first_seen_at: finding.first_seen_at,
            last_seen_at: finding.last_seen_at,
            last_evaluated_at: finding.last_evaluated_at,
            resolved_at: finding.resolved_at,
            kept,
        }
    }

    /// Why the result is unknown or not applicable, by its stable name.
    pub(super) fn result_reason(&self) -> Option<String> {
        let value = serde_json::to_value(self.result).unwrap_or_default();
        value.get("reason").and_then(Value::as_str).map(str::to_owned)
    }

    /// What the schema has no place for.
    pub(super) fn unmapped(&self) -> Value {
        let mut members = self.kept.clone();
        let acceptance = self.acceptance.map(|each| {
            enrichment(json!({
                "reason": each.terms.reason, "accepted_by": each.accepted_by,
                "accepted_at": rfc3339(each.accepted_at), "expires_at": each.terms.expires_at.map(rfc3339),
            }))
        });
        let remediation = self.check.map(|check| self.remediation(check));
        let more = json!({
            "state": self.standing.name(),
            "result": self.result.name(),
            "resolved_at": self.resolved_at.map(rfc3339),
            "automated_threats": self.check.map(controls::automated_threats),
            "acceptance": acceptance,
            "remediation": remediation,
        });
        if let Value::Object(more) = enrichment(more) {
            members.extend(more);
        }
        Value::Object(members)
    }

    fn remediation(&self, check: &'static Check) -> Value {
        let call = check.remediation.call_on(self.resource);
        let calls = call.as_ref().zip(self.change);
        let with = |body: fn(&Change) -> &Value| {
            calls.map(|((method, path), change)| {
                json!({"method": method, "path": path, "body": body(change)})
            })
        };
        enrichment(json!({
            "dashboard_path": check.remediation.dashboard_path,
            "steps": check.remediation.steps,
            "api_call": with(|change| &change.body),
            "undo_call": with(|change| &change.undo),
            "required_scope": check.remediation.required_scope,
        }))
    }
}
