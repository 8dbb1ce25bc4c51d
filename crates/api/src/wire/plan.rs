//! The plan of an asset. Actions have the members of a finding's remediation.

use domain::plan as of;
use engine::OnSnapshot;
use serde::Serialize;
use store::Asset;
use utoipa::ToSchema;
use uuid::Uuid;

use super::finding::Object;
use super::remediation::ApiCall;
use super::{Severity, Timestamp, wire_enum};

/// Maximum number of findings listed for steps by hand.
const FINDINGS_MAX: usize = 100;

wire_enum! {
    /// Effort of a remediation. `low`: one call, and no one notices. `medium`: users notice, or it is done by hand.
    /// `high`: something outside the tenant's settings has to change first, such as an application.
    Effort of domain::checks::Effort
}

wire_enum! {
    /// Why no action resolves a finding. `no_single_call`: no single call fixes it. `not_applied`: its call cannot be
    /// applied to what was read. `not_confirmed`: the check would be unknown after its call. `not_judged`: the check
    /// has no conclusive result.
    ManualReason of of::ManualReason
}

/// What to do, in order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "asset_id": "01996e1f-2d70-7f00-8000-1a2b3c4d5e6f", "integration_id": "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02",
    "sync_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "evaluated_at": "2026-11-24T06:00:01.000000Z",
    "score_before": 72, "score_after": 81,
    "actions": [{
        "id": "5d1f0c7be2a94a63", "effort": "medium",
        "side_effects": ["Users who enter too many wrong passwords are blocked until they are unblocked."],
        "resolves": [{
            "finding_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081", "check_id": "brute-force-protection-off",
            "resource": "attack-protection/brute-force-protection",
            "object": {"type": "tenant", "id": "acme.eu.auth0.com", "name": "acme-auth0-prod"},
            "title": "Brute-force protection is off", "severity": "critical"
        }],
        "opens": [], "after": [], "score_before": 72, "score_after": 81,
        "api_call": {"method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection", "body": {"enabled": true}},
        "undo_call": {"method": "PATCH", "path": "/api/v2/attack-protection/brute-force-protection", "body": {"enabled": false}},
        "auth0_cli": "auth0 api patch \"attack-protection/brute-force-protection\" --data '{\"enabled\":true}'",
        "undo_auth0_cli": "auth0 api patch \"attack-protection/brute-force-protection\" --data '{\"enabled\":false}'",
        "terraform": "resource \"auth0_attack_protection\" \"this\" {\n  brute_force_protection {\n    enabled = true\n  }\n}\n",
        "required_scope": "update:attack_protection"
    }],
    "manual_actions": [{
        "check_id": "log-stream-missing", "title": "No log stream is active", "severity": "medium",
        "reason": "no_single_call", "steps": ["Create a log stream to your SIEM.", "Make sure that events arrive."],
        "dashboard_path": "Monitoring > Streams", "effort": "high",
        "side_effects": ["Needs a system that receives the logs; users notice nothing."],
        "findings": [{
            "finding_id": "01996e1f-2d78-7c10-a1b2-3c4d5e6f7082", "check_id": "log-stream-missing", "resource": "log-streams",
            "object": {"type": "tenant", "id": "acme.eu.auth0.com", "name": "acme-auth0-prod"}, "title": "No log stream is active", "severity": "medium"
        }],
        "findings_total": 1
    }],
    "truncated": false
}))]
pub struct Plan {
    pub asset_id: Uuid,
    pub integration_id: Uuid,
    /// The sync whose snapshot the plan rests on.
    pub sync_id: Uuid,
    /// When that sync read the tenant.
    pub evaluated_at: Timestamp,
    /// From 0 to 100, with the current policy, today's checks and the acceptances in force now. Null: no check is
    /// conclusive.
    #[schema(maximum = 100)]
    pub score_before: Option<u8>,
    /// The score after all actions.
    #[schema(maximum = 100)]
    pub score_after: Option<u8>,
    /// In order. Each rests on the earlier ones.
    #[schema(max_items = 100)]
    pub actions: Vec<PlanAction>,
    /// Open findings that no action resolves, by check, by descending priority. Their effect on the score is not computed.
    pub manual_actions: Vec<ManualAction>,
    /// True if there are more actions than listed. Do these, sync, and get the plan again.
    pub truncated: bool,
}

/// One call, with what it does.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanAction {
    /// Follows from the call, so that the same call has the same id in every plan.
    #[schema(max_length = 16)]
    pub id: String,
    pub effort: Effort,
    /// What users and applications notice.
    pub side_effects: Vec<&'static str>,
    /// Findings that the call resolves, by descending priority.
    pub resolves: Vec<PlannedFinding>,
    /// Findings that open, because a check can only be judged after the call. By descending priority.
    pub opens: Vec<PlannedFinding>,
    /// Earlier actions that this one rests on: they change the same resource, or open a finding that it resolves.
    pub after: Vec<String>,
    /// The score after all earlier actions. Null: no check is conclusive.
    #[schema(maximum = 100)]
    pub score_before: Option<u8>,
    /// The score after all earlier actions and this one. Null: no check is conclusive.
    #[schema(maximum = 100)]
    pub score_after: Option<u8>,
    pub api_call: ApiCall,
    /// Reverts `api_call`. Revert several actions in reverse order.
    pub undo_call: ApiCall,
    /// `api_call` as an Auth0 CLI command for a POSIX shell.
    pub auth0_cli: String,
    /// `undo_call` as an Auth0 CLI command for a POSIX shell.
    pub undo_auth0_cli: String,
    /// The settings of `api_call` as arguments for your existing resource of the Terraform provider `auth0/auth0`.
    /// Null: the provider has no such argument.
    pub terraform: Option<String>,
    /// Scope that the calls need. This service does not need it.
    pub required_scope: Option<&'static str>,
}

/// Steps by hand for the findings of one check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanManualAction)]
pub struct ManualAction {
    pub check_id: &'static str,
    pub title: &'static str,
    /// Severity of the worst finding.
    pub severity: Severity,
    pub reason: ManualReason,
    /// Steps in Auth0's dashboard, in order.
    pub steps: &'static [&'static str],
    /// Path in Auth0's dashboard.
    pub dashboard_path: &'static str,
    pub effort: Effort,
    /// What users and applications notice.
    pub side_effects: Vec<&'static str>,
    /// By descending priority.
    #[schema(max_items = 100)]
    pub findings: Vec<PlannedFinding>,
    /// Number of findings, including those that are not listed.
    pub findings_total: u32,
}

/// A finding that an action resolves or opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedFinding {
    /// Null: the finding is not stored yet.
    pub finding_id: Option<Uuid>,
    pub check_id: String,
    /// Auth0 path without `/api/v2/`.
    pub resource: String,
    pub object: Object,
    pub title: String,
    pub severity: Severity,
}

impl From<OnSnapshot<of::Plan>> for Plan {
    fn from(answer: OnSnapshot<of::Plan>) -> Self {
        let OnSnapshot { asset, sync, content } = answer;
        Self {
            asset_id: asset.id.0,
            integration_id: asset.integration_id.0,
            sync_id: sync.sync_id.0,
            evaluated_at: sync.observed_at.into(),
            score_before: content.before.score,
            score_after: content.after.score,
            actions: content
                .actions
                .into_iter()
                .map(|each| PlanAction::new(each, &asset))
                .collect(),
            manual_actions: content
                .manual
                .into_iter()
                .map(|each| ManualAction::new(each, &asset))
                .collect(),
            truncated: content.is_truncated,
        }
    }
}

impl PlanAction {
    fn new(action: of::Action, asset: &Asset) -> Self {
        Self {
            id: action.id.to_string(),
            effort: action.effort.into(),
            side_effects: action.side_effects,
            resolves: findings(action.resolves, asset),
            opens: findings(action.opens, asset),
            after: action.after.iter().map(ToString::to_string).collect(),
            score_before: action.score_before,
            score_after: action.score_after,
            auth0_cli: action.fix.call.auth0_cli(),
            undo_auth0_cli: action.fix.undo.auth0_cli(),
            api_call: action.fix.call.into(),
            undo_call: action.fix.undo.into(),
            terraform: action.fix.terraform,
            required_scope: action.required_scope,
        }
    }
}

impl ManualAction {
    fn new(action: of::ManualAction, asset: &Asset) -> Self {
        let of::ManualAction { check, reason, findings: mut all } = action;
        let remediation = check.remediation;
        let worst = all.iter().map(|finding| finding.severity).max();
        let findings_total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        all.truncate(FINDINGS_MAX);
        Self {
            check_id: check.id,
            title: check.title,
            severity: worst.unwrap_or(check.severity).into(),
            reason: reason.into(),
            steps: remediation.steps,
            dashboard_path: remediation.dashboard_path,
            effort: remediation.side_effects.effort(false).into(),
            side_effects: vec![remediation.side_effects.text],
            findings: findings(all, asset),
            findings_total,
        }
    }
}

pub fn findings(all: Vec<of::PlannedFinding>, asset: &Asset) -> Vec<PlannedFinding> {
    let each = all.into_iter().map(|finding| {
        let of::PlannedFinding { id, key, title, object_name, severity } = finding;
        PlannedFinding {
            finding_id: id.map(|id| id.0),
            object: Object::new(&key.resource, object_name, &asset.tenant_domain, &asset.name),
            check_id: key.check_id,
            resource: key.resource,
            title,
            severity: severity.into(),
        }
    });
    each.collect()
}
