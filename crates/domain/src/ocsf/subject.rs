//! The subject of an event: a stored finding, or a finding of `safe-auth0 check`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::enrichment;
use crate::acceptance::Acceptance;
use crate::checks::{self, Change, Check, Confidence, Evidence, Severity};
use crate::clock::rfc3339;
use crate::controls;
use crate::finding::{Finding, FindingState, FindingStatus, LastResult};
use crate::ids::OrganisationId;

/// A check for one resource of one tenant.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Stable id of the finding.
    pub uid: String,
    pub organisation: Option<&'a OrganisationId>,
    /// None: not known, as in snapshots.
    pub tenant_domain: Option<&'a str>,
    pub check_id: &'a str,
    /// Version of the check at the latest failure.
    pub check_version: u16,
    /// None: no longer in the catalogue.
    pub check: Option<&'static Check>,
    pub title: &'a str,
    pub resource: &'a str,
    /// Name of the object that `resource` names.
    pub object_name: Option<&'a str>,
    /// Severity, given the tenant's values.
    pub severity: Severity,
    /// Set if the tenant's values change it.
    pub confidence: Option<Confidence>,
    pub standing: FindingStatus,
    /// Result of the latest evaluation.
    pub result: LastResult,
    /// The acceptance in force.
    pub acceptance: Option<&'a Acceptance>,
    /// From the latest failing evaluation.
    pub evidence: &'a [Evidence],
    /// The fix computed by the latest failing evaluation.
    pub change: Option<&'a Change>,
    pub first_seen_at: Timestamp,
    /// When the check last failed.
    pub last_seen_at: Timestamp,
    /// When the check was last conclusive.
    pub last_evaluated_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// Members that only stored findings have.
    pub kept: Map<String, Value>,
}

impl<'a> Subject<'a> {
    /// The subject for a stored finding at `now`.
    pub fn identify(
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
        if finding.state == FindingState::Disabled {
            kept.insert("disabled_by_policy".into(), json!(true));
        }
        kept.insert("priority".into(), json!(finding.ranking.priority));
        Self {
            uid: finding.id.to_string(),
            organisation: Some(&finding.organisation_id),
            tenant_domain: Some(tenant_domain),
            check_id: &finding.key.check_id,
            check_version: finding.check_version,
            check: checks::find(&finding.key.check_id),
            title: &finding.title,
            resource: &finding.key.resource,
            object_name: finding.object_name.as_deref(),
            severity: finding.severity,
            confidence: finding.confidence,
            standing: FindingStatus::derive(finding.state, acceptance, now),
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

    /// Data without a place in the schema.
    pub(super) fn unmapped(&self) -> Value {
        let mut members = self.kept.clone();
        let acceptance = self.acceptance.map(|each| {
            enrichment(json!({
                "reason": each.terms.reason, "accepted_by": each.accepted_by,
                "accepted_at": rfc3339(each.accepted_at), "expires_at": each.terms.expires_at.map(rfc3339),
            }))
        });
        let remediation = self.check.map(|check| self.remediation(check));
        let techniques = self.check.map(controls::techniques).unwrap_or_default().into_iter();
        let threats = techniques.filter(|each| each.is_automated_threat()).map(|each| each.id);
        let more = json!({
            "state": self.standing.name(),
            "result": self.result.name(),
            "resolved_at": self.resolved_at.map(rfc3339),
            "automated_threats": self.check.map(|_| threats.collect::<Vec<_>>()),
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
