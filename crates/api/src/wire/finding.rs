//! A finding, with evidence, remediation and controls.

use domain::checks::{self, Check};
use domain::finding as of;
use domain::finding::FindingStatus;
use domain::integration::stale_after;
use domain::object;
use serde::Serialize;
use store::FindingView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::acceptance::Acceptance;
use super::evidence::Evidence;
use super::remediation::{ControlMapping, Controls, Remediation};
use super::transition::Transition;
use super::{Confidence, Severity, wire_enum};

wire_enum! {
    /// State of a finding. `resolved` takes precedence over `accepted`, and `accepted` over `open`.
    FindingState of FindingStatus
}

wire_enum! {
    /// Type of an object.
    ObjectType of object::ObjectType
}

/// The object of the tenant that a finding is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FindingObject)]
pub struct Object {
    #[serde(rename = "type")]
    pub kind: ObjectType,
    /// Its id at Auth0; for the tenant its domain.
    pub id: Option<String>,
    /// Its name; for the tenant that of the asset. A grant has those of its application and its API. Null: Auth0 has
    /// none, or it was not read.
    pub name: Option<String>,
}

impl Object {
    /// The object that a resource key names, with its name at Auth0; otherwise the tenant.
    pub fn new(resource: &str, name: Option<String>, domain: &str, asset_name: &str) -> Self {
        match object::ObjectType::of_resource(resource) {
            (kind, Some(id)) => Self { kind: kind.into(), id: Some(id.to_owned()), name },
            (kind, None) => Self {
                kind: kind.into(),
                id: Some(domain.to_owned()),
                name: Some(asset_name.to_owned()),
            },
        }
    }
}

/// Result of the latest evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindingResult)]
pub enum LastResult {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

impl LastResult {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// A check that fails for a resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "asset_id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f", "check_id": "brute-force-protection-off", "check_version": 1,
    "resource": "attack-protection/brute-force-protection",
    "object": {"type": "tenant", "id": "acme.eu.auth0.com", "name": "acme-auth0-prod"},
    "title": "Brute-force protection is off", "severity": "critical", "confidence": "high",
    "priority": 835, "priority_reasons": ["Severity critical", "Particular to this tenant"],
    "cause_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081",
    "part_of": null, "state": "open", "disabled_by_policy": false, "result": "fail", "result_reason": null,
    "risk": "Nothing limits how many passwords an attacker may try against one account.",
    "evidence": [{"reading": "brute_force_protection", "pointer": "/enabled", "found": false, "expected": true}],
    "remediation": {
        "steps": ["Switch Brute-force Protection on.", "Save."],
        "dashboard_path": "Security > Attack Protection > Brute-force Protection",
        "api_call": {"method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection", "body": {"enabled": true}},
        "undo_call": {"method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection", "body": {"enabled": false}},
        "auth0_cli": "auth0 api patch \"attack-protection/brute-force-protection\" --data '{\"enabled\":true}'",
        "undo_auth0_cli": "auth0 api patch \"attack-protection/brute-force-protection\" --data '{\"enabled\":false}'",
        "terraform": "resource \"auth0_attack_protection\" \"this\" {\n  brute_force_protection {\n    enabled = true\n  }\n}\n",
        "required_scope": "update:attack_protection"
    },
    "controls": {"nist_800_53": ["AC-7", "SI-4"], "pci_dss": ["8.3.4"]},
    "attack_techniques": ["T1110.001", "T1110.003"], "automated_threats": ["OAT-007"],
    "acceptance": null, "first_seen_at": "2026-11-24T06:00:01.000000Z", "last_seen_at": "2026-11-24T06:00:01.000000Z",
    "last_evaluated_at": "2026-11-24T06:00:01.000000Z", "open_since": "2026-11-24T06:00:01.000000Z", "resolved_at": null,
    "reopen_count": 0, "next_sync_at": "2026-11-25T06:00:00.000000Z", "stale": false, "deleted_at": null
}))]
pub struct Finding {
    pub id: Uuid,
    pub integration_id: Uuid,
    pub asset_id: Uuid,
    pub check_id: String,
    /// Version of the check at the latest failure.
    pub check_version: u16,
    /// Auth0 path without `/api/v2/`; `tenant` for checks that combine several resources.
    pub resource: String,
    pub object: Object,
    /// The misconfiguration.
    pub title: String,
    /// Severity, given the tenant's values.
    pub severity: Severity,
    /// How certain a failure is, given what the granted scopes show. Null: the check is no longer in the
    /// catalogue.
    pub confidence: Option<Confidence>,
    /// What to look at first: 1000 is the most urgent. 0: resolved, or not ranked yet.
    #[schema(maximum = 1000)]
    pub priority: u16,
    /// What the priority follows from.
    pub priority_reasons: Vec<String>,
    /// The finding that tells the cause, this one or another: the same for a combination and its parts. Null: resolved,
    /// or not ranked yet.
    pub cause_id: Option<Uuid>,
    /// The finding that tells the cause, if another one does; otherwise null.
    pub part_of: Option<Uuid>,
    pub state: FindingState,
    /// True if the policy disables its check. Then it is in no count and no list of open or accepted findings.
    pub disabled_by_policy: bool,
    /// Result of the latest evaluation.
    pub result: LastResult,
    /// Reason for `unknown` or `not_applicable`; otherwise null.
    pub result_reason: Option<&'static str>,
    /// What an attacker gains, or what can go wrong. Null: the check is no longer in the catalogue.
    pub risk: Option<&'static str>,
    /// Evidence of the latest failing evaluation.
    pub evidence: Vec<Evidence>,
    /// How to fix it. Null: the check is no longer in the catalogue.
    pub remediation: Option<Remediation>,
    /// Related controls, by framework.
    #[schema(value_type = Controls)]
    pub controls: &'static Controls,
    /// MITRE ATT&CK techniques.
    pub attack_techniques: &'static [&'static str],
    /// OWASP Automated Threats.
    pub automated_threats: &'static [&'static str],
    /// The acceptance in force. Null: the finding is not accepted, or the acceptance has expired.
    pub acceptance: Option<Acceptance>,
    /// When the finding was first observed.
    pub first_seen_at: Timestamp,
    /// When the check last failed.
    pub last_seen_at: Timestamp,
    /// When the check was last conclusive.
    pub last_evaluated_at: Timestamp,
    /// Start of the current open period; for a resolved finding, of the latest one.
    pub open_since: Timestamp,
    /// When the finding was resolved. Null: not resolved.
    pub resolved_at: Option<Timestamp>,
    /// Number of times the finding reopened.
    pub reopen_count: u32,
    /// When the next scheduled sync is due. Null: none is scheduled.
    pub next_sync_at: Option<Timestamp>,
    /// True if the latest conclusive evaluation is older than both twice the sync interval and 48 hours;
    /// for manual syncs, older than 30 days.
    pub stale: bool,
    /// When the integration was deleted. The finding is removed 90 days later. Null: not deleted.
    pub deleted_at: Option<Timestamp>,
    /// The newest 1,000 transitions, oldest first. Present only when a single finding is requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub transitions: Option<Vec<Transition>>,
}

impl Finding {
    /// The view at `now`. A finding whose check is no longer in the catalogue shows what was stored with
    /// it.
    pub fn new(view: FindingView, now: jiff::Timestamp) -> Self {
        let FindingView {
            mut finding,
            asset_name,
            tenant_domain,
            acceptance,
            frequency,
            next_sync_at,
            deleted_at,
        } = view;
        let object = finding.object_name.take();
        let object = Object::new(&finding.key.resource, object, &tenant_domain, &asset_name);
        let part_of = finding.ranking.part_of;
        let is_ranked = finding.ranking.priority > 0;
        let standing = FindingStatus::derive(finding.state, acceptance.as_ref(), now);
        let check = checks::find(&finding.key.check_id);
        let mapping = ControlMapping::for_check(&finding.key.check_id);
        let age = now.duration_since(finding.last_evaluated_at);
        let change = finding.change.take();
        let remediation =
            check.map(|check| Remediation::for_finding(check, &finding.key.resource, change));
        Self {
            id: finding.id.0,
            integration_id: finding.integration_id.0,
            asset_id: finding.asset_id.0,
            check_version: finding.check_version,
            object,
            severity: finding.severity.into(),
            confidence: check.map(|check| finding.confidence.unwrap_or(check.confidence).into()),
            priority: finding.ranking.priority,
            priority_reasons: finding.ranking.reasons,
            cause_id: is_ranked.then_some(part_of.unwrap_or(finding.id).0),
            part_of: part_of.map(|id| id.0),
            state: standing.into(),
            disabled_by_policy: finding.state == of::FindingState::Disabled,
            result: finding.result.into(),
            result_reason: finding.result.reason(),
            risk: check.map(|check: &Check| check.risk),
            remediation,
            controls: &mapping.controls,
            attack_techniques: &mapping.attack_techniques,
            automated_threats: &mapping.automated_threats,
            acceptance: acceptance.filter(|each| each.is_in_force(now)).map(Acceptance::from),
            first_seen_at: finding.first_seen_at.into(),
            last_seen_at: finding.last_seen_at.into(),
            last_evaluated_at: finding.last_evaluated_at.into(),
            open_since: finding.open_since.into(),
            resolved_at: finding.resolved_at.map(Timestamp),
            reopen_count: finding.reopen_count,
            next_sync_at: next_sync_at.map(Timestamp),
            stale: age > stale_after(&frequency, now),
            deleted_at: deleted_at.map(Timestamp),
            transitions: None,
            check_id: finding.key.check_id,
            resource: finding.key.resource,
            title: finding.title,
            evidence: finding.evidence.into_iter().map(Evidence::from).collect(),
        }
    }

    /// Adds the transitions.
    #[must_use]
    pub fn with_transitions(mut self, transitions: Vec<of::Transition>) -> Self {
        self.transitions = Some(transitions.into_iter().map(Transition::from).collect());
        self
    }
}

impl From<of::LastResult> for LastResult {
    fn from(result: of::LastResult) -> Self {
        match result {
            of::LastResult::Pass => Self::Pass,
            of::LastResult::Fail => Self::Fail,
            of::LastResult::Unknown(_) => Self::Unknown,
            of::LastResult::NotApplicable(_) => Self::NotApplicable,
        }
    }
}
