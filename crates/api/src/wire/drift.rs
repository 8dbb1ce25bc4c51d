//! What differs between two syncs.

use domain::drift::{self as of, ResultState};
use domain::recorded_evaluation::RecordedResult;
use engine::DriftAnswer;
use serde::Serialize;
use serde_json::Value;
use store::SyncScore;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Timestamp;
use super::finding::not_applicable_text;
use super::{Severity, wire_enum};

wire_enum! {
    /// What happened to a setting or a reading. With `became_readable`, `became_unreadable` and
    /// `unreadable_otherwise` nothing is known of what changed in it.
    SettingChangeKind of of::SettingChangeKind {
        Changed, Added, Removed, BecameReadable, BecameUnreadable, UnreadableOtherwise,
    }
}

wire_enum! {
    /// What happened to the result. `became_known`: it could not be judged, and now it passes or
    /// fails. `became_unknown` proves nothing better.
    FindingChangeKind of of::FindingChangeKind {
        Opened, Resolved, SeverityChanged, BecameUnknown, BecameKnown, BecameNotApplicable,
        BecameApplicable, ReasonChanged,
    }
}

wire_enum! {
    /// Why: judged by one policy and today's checks the two snapshots differ (time that passed counts
    /// as the tenant's); the earlier snapshot differs by the two policies; the check is another.
    #[expect(clippy::enum_variant_names, reason = "each is a whole sentence on the wire")]
    DriftCause of of::Cause { TenantChanged, PolicyChanged, CheckChanged }
}

/// What differs between two syncs of an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drift {
    /// The earlier one; null when there is only one, and then nothing is compared.
    pub from: Option<DriftSync>,
    /// The later one; null before the first.
    pub to: Option<DriftSync>,
    /// What differs between the two snapshots, by reading. Statistics are left out.
    pub settings: Vec<SettingChange>,
    /// What differs between the results, the worst first.
    pub findings: Vec<FindingChange>,
    /// There are more differences than are listed.
    pub truncated: bool,
}

/// One of the two.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftSync {
    /// The sync.
    pub id: Uuid,
    /// When the tenant was seen.
    pub observed_at: Timestamp,
    /// 0 to 100, with what was accepted then; null when nothing was judged.
    #[schema(maximum = 100)]
    pub score: Option<u8>,
    /// What the score rests on; null when nothing was judged.
    #[schema(maximum = 100)]
    pub coverage_percent: Option<u8>,
}

/// One setting that differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "reading": "brute_force_protection", "resource": "attack-protection/brute-force-protection", "pointer": "/enabled",
    "change": "changed", "before": true, "after": false, "unread_before": null, "unread_after": null, "value_left_out": false
}))]
pub struct SettingChange {
    /// Of which reading.
    pub reading: &'static str,
    /// The Auth0 path without `/api/v2/`; of an object of a collection with its id.
    pub resource: String,
    /// RFC 6901, into the resource; empty for the whole of it.
    pub pointer: String,
    /// What happened.
    pub change: SettingChangeKind,
    /// The value before. Lists are sets: their order means nothing.
    #[schema(value_type = Option<Value>)]
    pub before: Option<Value>,
    /// The value after.
    #[schema(value_type = Option<Value>)]
    pub after: Option<Value>,
    /// Why the reading was not read before: an unknown reason, or `not_fetched`.
    pub unread_before: Option<&'static str>,
    /// Why the reading was not read after.
    pub unread_after: Option<&'static str>,
    /// A value of more than 8 KiB is left out.
    pub value_left_out: bool,
}

/// One check on one resource whose result differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingChange {
    /// Which check.
    pub check_id: String,
    /// On which resource.
    pub resource: String,
    /// What it is about.
    pub title: String,
    /// Of the failure, after or else before; otherwise the check's own.
    pub severity: Severity,
    /// What happened.
    pub change: FindingChangeKind,
    /// What the check said before.
    pub before: DriftResult,
    /// What it says after.
    pub after: DriftResult,
    /// Why.
    pub causes: Vec<DriftCause>,
}

/// What a check said of a resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftResult {
    /// What it said.
    pub result: DriftResultName,
    /// Why it said nothing.
    pub reason: Option<&'static str>,
    /// How bad it is; of a failure.
    pub severity: Option<Severity>,
}

/// What a check said, or why it said nothing: `not_there`, no such resource; `not_seen`, the
/// resource is not among those that could be read; `not_enabled`, optional scopes were not granted;
/// `no_such_check`, the catalogue did not have it.
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
                (Name::NotApplicable, Some(not_applicable_text(reason)), None)
            }
            ResultState::NotThere => (Name::NotThere, None, None),
            ResultState::NotSeen => (Name::NotSeen, None, None),
            ResultState::NotEnabled => (Name::NotEnabled, None, None),
            ResultState::NoSuchCheck => (Name::NoSuchCheck, None, None),
        };
        Self { result, reason, severity }
    }
}
