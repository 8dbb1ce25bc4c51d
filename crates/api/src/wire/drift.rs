//! Drift: differences between two syncs.

use domain::drift::{self as of, ResultState};
use domain::recorded_evaluation::RecordedResult;
use engine::DriftAnswer;
use serde::Serialize;
use serde_json::Value;
use store::SyncScore;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::{Severity, wire_enum};

wire_enum! {
    /// How a setting or a reading changed. With `became_readable`, `became_unreadable` and
    /// `unreadable_otherwise` the change of its values is not known.
    SettingChangeKind of of::SettingChangeKind
}

wire_enum! {
    /// How a result changed. `became_known`: the result was not conclusive and now passes or fails.
    /// `became_unknown` is no improvement.
    FindingChangeKind of of::FindingChangeKind
}

wire_enum! {
    /// Cause of a difference. `tenant_changed`: with one policy and today's checks, the two snapshots
    /// differ (elapsed time counts as a change of the tenant). `policy_changed`: the two policies evaluate
    /// the earlier snapshot differently. `check_changed`: the check itself changed.
    DriftCause of of::Cause
}

/// Differences between two syncs of an asset.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "from": {"id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11", "observed_at": "2026-11-24T06:00:01.000000Z", "score": 90, "coverage_percent": 85},
    "to": {"id": "019973e2-8c1e-7d0a-9a44-0f6a3c0f0a12", "observed_at": "2026-11-25T06:00:01.000000Z", "score": 72, "coverage_percent": 85},
    "settings": [{
        "reading": "brute_force_protection", "resource": "attack-protection/brute-force-protection", "pointer": "/enabled",
        "change": "changed", "before": true, "after": false, "unread_before": null, "unread_after": null, "value_left_out": false
    }],
    "findings": [{
        "check_id": "brute-force-protection-off", "resource": "attack-protection/brute-force-protection",
        "title": "Brute-force protection is off", "severity": "critical", "change": "opened",
        "before": {"result": "pass", "reason": null, "severity": null},
        "after": {"result": "fail", "reason": null, "severity": "critical"}, "causes": ["tenant_changed"]
    }],
    "truncated": false
}))]
pub struct Drift {
    /// The earlier sync. Null: there is only one, and nothing is compared.
    pub from: Option<DriftSync>,
    /// The later sync. Null: no sync has succeeded yet.
    pub to: Option<DriftSync>,
    /// Differences between the two snapshots, by reading. Statistics are left out.
    pub settings: Vec<SettingChange>,
    /// Differences between the results, worst first.
    pub findings: Vec<FindingChange>,
    /// True if there are more differences than listed.
    pub truncated: bool,
}

/// One of the two syncs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftSync {
    pub id: Uuid,
    /// When the tenant was read.
    pub observed_at: Timestamp,
    /// From 0 to 100, with the acceptances in force then. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// 100 × (pass + fail) ÷ (pass + fail + unknown), rounded down. Null: no check was conclusive.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
}

/// One difference of a setting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "reading": "brute_force_protection", "resource": "attack-protection/brute-force-protection", "pointer": "/enabled",
    "change": "changed", "before": true, "after": false, "unread_before": null, "unread_after": null, "value_left_out": false
}))]
pub struct SettingChange {
    pub reading: &'static str,
    /// Auth0 path without `/api/v2/`; for an object of a collection, with its id.
    pub resource: String,
    /// JSON Pointer (RFC 6901) into the resource. Empty: the whole resource.
    pub pointer: String,
    pub change: SettingChangeKind,
    /// Value before. Lists are sets: their order has no meaning.
    #[schema(value_type = Value, required)]
    pub before: Option<Value>,
    /// Value after.
    #[schema(value_type = Value, required)]
    pub after: Option<Value>,
    /// Why the reading was not available before: an unknown reason, or `not_fetched`.
    pub unread_before: Option<&'static str>,
    /// Why the reading was not available after.
    pub unread_after: Option<&'static str>,
    /// True if a value of more than 8 KiB was left out.
    pub value_left_out: bool,
}

/// One difference of a check's result for one resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingChange {
    pub check_id: String,
    pub resource: String,
    pub title: String,
    /// Severity of the later failure, else of the earlier one, else of the check.
    pub severity: Severity,
    pub change: FindingChangeKind,
    /// Result before.
    pub before: DriftResult,
    /// Result after.
    pub after: DriftResult,
    pub causes: Vec<DriftCause>,
}

/// Result of a check for a resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftResult {
    pub result: DriftResultName,
    /// Why the result is not conclusive; otherwise null.
    pub reason: Option<&'static str>,
    /// Severity of a failure; otherwise null.
    pub severity: Option<Severity>,
}

/// Result of a check. `not_there`: the resource did not exist. `not_seen`: the resource is not among those
/// that could be read. `not_enabled`: optional scopes were not granted. `no_such_check`: the catalogue did
/// not have the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftResultName {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
    NotThere,
    NotSeen,
    NotEnabled,
    NoSuchCheck,
}

impl From<DriftAnswer> for Drift {
    fn from(answer: DriftAnswer) -> Self {
        let of::Drift { settings, findings, is_truncated } = answer.drift;
        Self {
            from: answer.from.map(DriftSync::from),
            to: answer.to.map(DriftSync::from),
            settings: settings.into_iter().map(SettingChange::from).collect(),
            findings: findings.into_iter().map(FindingChange::from).collect(),
            truncated: is_truncated,
        }
    }
}

impl From<SyncScore> for DriftSync {
    fn from(score: SyncScore) -> Self {
        let SyncScore { sync_id, observed_at, score, coverage_percent, .. } = score;
        Self { id: sync_id.0, observed_at: observed_at.into(), score, coverage_percent }
    }
}

impl From<of::SettingChange> for SettingChange {
    fn from(change: of::SettingChange) -> Self {
        Self {
            reading: change.reading.name(),
            resource: change.resource,
            pointer: change.pointer,
            change: change.change.into(),
            before: change.before,
            after: change.after,
            unread_before: change.unread_before,
            unread_after: change.unread_after,
            value_left_out: change.is_value_left_out,
        }
    }
}

impl From<of::FindingChange> for FindingChange {
    fn from(change: of::FindingChange) -> Self {
        Self {
            check_id: change.check_id,
            resource: change.resource,
            title: change.title,
            severity: change.severity.into(),
            change: change.change.into(),
            before: change.before.into(),
            after: change.after.into(),
            causes: change.causes.into_iter().map(DriftCause::from).collect(),
        }
    }
}

impl From<ResultState> for DriftResult {
    fn from(standing: ResultState) -> Self {
        use DriftResultName as Name;
        let (result, reason, severity) = match standing {
            ResultState::Judged(RecordedResult::Pass) => (Name::Pass, None, None),
            ResultState::Judged(RecordedResult::Fail { severity }) => {
                (Name::Fail, None, Some(severity.into()))
            }
            ResultState::Judged(RecordedResult::Unknown { reason }) => {
                (Name::Unknown, Some(reason.name()), None)
            }
            ResultState::Judged(RecordedResult::NotApplicable { reason }) => {
                (Name::NotApplicable, Some(reason.name()), None)
            }
            ResultState::NotThere => (Name::NotThere, None, None),
            ResultState::NotSeen => (Name::NotSeen, None, None),
            ResultState::NotEnabled => (Name::NotEnabled, None, None),
            ResultState::NoSuchCheck => (Name::NoSuchCheck, None, None),
        };
        Self { result, reason, severity }
    }
}
