//! Parameters that several operations share, for the document. `extract` reads them.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use jiff::Timestamp;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::wire::Severity;
use crate::wire::finding::FindingState;
use crate::wire::history::{HistoryAction, HistoryStatus};

/// A page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items on the page. Default: 50. Maximum: 200, also for larger values.
    #[param(minimum = 1, default = 50)]
    limit: Option<usize>,
    /// `next` of the previous page, with the same filters and sort.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// A page of a policy preview.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewPaging {
    /// Integrations on the page. Default: 20, or all that the body names. Maximum: 100, also for larger values.
    #[param(minimum = 1)]
    limit: Option<usize>,
    /// `next` of the previous page, with the same body.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Filters of findings.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingFilters {
    /// Of any of these integrations.
    #[param(min_items = 1, max_items = 100)]
    integration_id: Option<Vec<Uuid>>,
    /// Of any of these assets.
    #[param(min_items = 1, max_items = 100)]
    asset_id: Option<Vec<Uuid>>,
    /// In any of these states.
    #[param(min_items = 1)]
    state: Option<Vec<FindingState>>,
    /// Of any of these severities.
    #[param(min_items = 1)]
    severity: Option<Vec<Severity>>,
    /// Of any of these checks.
    #[param(inline, min_items = 1, max_items = 100)]
    check_id: Option<Vec<CheckId>>,
    /// Part of the title, check id or resource, case-insensitive. A page examines at most 5,000 of the findings
    /// that the other filters match: it may have fewer items than `limit`, also none, and the search goes on as long
    /// as `next` is not null.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Includes findings of deleted integrations. They are always included where integrations or assets are named.
    #[param(default = false)]
    include_deleted: Option<bool>,
}

/// Filters of assets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetFilters {
    /// Of any of these integrations.
    #[param(min_items = 1, max_items = 100)]
    integration_id: Option<Vec<Uuid>>,
    /// Includes assets of deleted integrations. They are always included where integrations are named.
    #[param(default = false)]
    include_deleted: Option<bool>,
}

/// The period of a score history.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScorePeriod {
    /// Inclusive.
    from: Option<Timestamp>,
    /// Exclusive.
    to: Option<Timestamp>,
}

/// The two syncs to compare.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DriftRange {
    /// The earlier sync. Default: the last successful one before `to`.
    from: Option<Uuid>,
    /// The later sync. Default: the latest successful one.
    to: Option<Uuid>,
}

/// Filters of the history.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilters {
    /// With any of these actions.
    #[param(min_items = 1)]
    action: Option<Vec<HistoryAction>>,
    /// With any of these statuses.
    #[param(min_items = 1)]
    status: Option<Vec<HistoryStatus>>,
}

/// The start of a verification.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditStart {
    /// The first row to verify: `next_from_seq` of the previous response. Default: 1.
    #[param(minimum = 1)]
    from_seq: Option<i64>,
}

/// Makes a POST safe to repeat.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// 1 to 255 visible ASCII characters, new for each new request. For 24 hours, the same key with the same
    /// body returns the first response again, with `Idempotency-Replayed: true`.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// The version that a change may be based on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct OptionalIfMatch {
    /// The `ETag` that was read, a list of them, or `*` for any version. Without it any version is changed.
    #[param(rename = "If-Match", min_length = 1, example = "\"3\"")]
    if_match: Option<String>,
}

/// The version that a change is based on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` that was read, a list of them, or `*` for any version.
    #[param(rename = "If-Match", min_length = 1, example = "\"3\"")]
    if_match: String,
}

/// The version that the client has.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatch {
    /// An `ETag`. If it is the current one, the response is 304 without a body.
    #[param(rename = "If-None-Match", min_length = 1, example = "\"3\"")]
    if_none_match: Option<String>,
}

/// How long the response may wait.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Prefer {
    /// `wait=N`: the response may wait N seconds, 60 at most (RFC 7240).
    #[param(rename = "Prefer", example = "wait=30")]
    prefer: Option<String>,
}

/// The position in an event stream.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventId {
    /// The `id` of the last received event. The stream continues after it.
    #[param(rename = "Last-Event-ID", pattern = "^[0-9]{1,19}$", example = "3")]
    last_event_id: Option<String>,
}

/// Id of a check.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 100, pattern = "^[a-z0-9-]+$")]
pub struct CheckId(String);

/// Id of an operation.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z_]+$")]
pub struct OperationId(String);
