//! Parameters that several operations share, for the document. `extract` reads them.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use jiff::Timestamp;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::wire::Severity;
use crate::wire::finding::FindingState;
use crate::wire::history::{Action, HistoryStatus};

/// The page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Items on the page; 50 when absent, more than 200 gives 200.
    #[param(minimum = 1, default = 50)]
    limit: Option<usize>,
    /// `next` of the page before, with the same filters and sort.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// The page of what a policy is tried on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewPaging {
    /// Integrations in the answer; when absent 20, or all that the body names. More than 100 gives 100.
    #[param(minimum = 1)]
    limit: Option<usize>,
    /// `next` of the page before, with the same body.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Which findings.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingFilters {
    /// Of any of these integrations.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    integration_id: Option<Vec<Uuid>>,
    /// Of any of these assets.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    asset_id: Option<Vec<Uuid>>,
    /// In any of these states.
    #[param(style = Form, explode = false, min_items = 1)]
    state: Option<Vec<FindingState>>,
    /// Of any of these severities.
    #[param(style = Form, explode = false, min_items = 1)]
    severity: Option<Vec<Severity>>,
    /// Of any of these checks.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    check_id: Option<Vec<String>>,
    /// Part of the title, the check id or the resource, whatever its case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Those of deleted integrations too; where integrations or assets are named they are there anyway.
    #[param(default = false)]
    include_deleted: Option<bool>,
}

/// In which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingOrder {
    /// The order; `-` for descending. Ties go by id. Default: `-severity`, the worst first.
    #[param(inline)]
    sort: Option<FindingSortName>,
}

/// The orders of findings.
#[derive(utoipa::ToSchema)]
enum FindingSortName {
    #[schema(rename = "-severity")]
    SeverityDown,
    #[schema(rename = "severity")]
    Severity,
    #[schema(rename = "-last_seen_at")]
    LastSeenAtDown,
    #[schema(rename = "last_seen_at")]
    LastSeenAt,
    #[schema(rename = "-first_seen_at")]
    FirstSeenAtDown,
    #[schema(rename = "first_seen_at")]
    FirstSeenAt,
}

/// In which format.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportFormat {
    /// The format of the file. Default: `jsonl`.
    #[param(inline)]
    format: Option<ExportFormatName>,
}

/// The formats of an export.
#[derive(utoipa::ToSchema)]
enum ExportFormatName {
    #[schema(rename = "csv")]
    Csv,
    #[schema(rename = "jsonl")]
    Jsonl,
    #[schema(rename = "ocsf")]
    Ocsf,
    #[schema(rename = "signal")]
    Signal,
}

/// Which assets.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssetFilters {
    /// Of any of these integrations.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    integration_id: Option<Vec<Uuid>>,
    /// Those of deleted integrations too; where integrations are named they are there anyway.
    #[param(default = false)]
    include_deleted: Option<bool>,
}

/// Which part of the trend.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScorePeriod {
    /// From this instant on.
    from: Option<Timestamp>,
    /// Until before this instant.
    to: Option<Timestamp>,
}

/// Which two syncs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DriftRange {
    /// The earlier sync; the successful one before `to` when absent.
    from: Option<Uuid>,
    /// The later sync; the latest successful one when absent.
    to: Option<Uuid>,
}

/// Which rows of the history.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilters {
    /// Any of these actions.
    #[param(style = Form, explode = false, min_items = 1)]
    action: Option<Vec<Action>>,
    /// In any of these states.
    #[param(style = Form, explode = false, min_items = 1)]
    status: Option<Vec<HistoryStatus>>,
}

/// Which rows of the audit.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditFilters {
    /// At this instant or later.
    from: Option<Timestamp>,
    /// Before this instant.
    to: Option<Timestamp>,
    /// Of this subject or e-mail, exactly.
    #[param(max_length = 320)]
    actor: Option<String>,
    /// Any of these operations.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    action: Option<Vec<String>>,
    /// With any of these outcomes: `done`, `refused`, `denied`.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    outcome: Option<Vec<String>>,
    /// On any of these objects.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100)]
    target: Option<Vec<Uuid>>,
    /// Default: `json`, unless `Accept` names `application/x-ndjson`. The others stream all that matches.
    #[param(inline)]
    format: Option<AuditFormat>,
}

/// How rows are written.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
enum AuditFormat {
    Json,
    Jsonl,
    Csv,
}

/// Where a verification begins.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditStart {
    /// The first row to look at: `next_from_seq` of the answer before; 1 when absent.
    #[param(minimum = 1)]
    from_seq: Option<i64>,
}

/// Makes a repeated POST safe.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// Up to 255 visible ASCII characters of your choice, new for each new request. The same key with
    /// the same body gives the first answer again for 24 hours, with `Idempotency-Replayed: true`.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// Which version a change is based on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The `ETag` as it was read; a list, or `*` for whatever it is now.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: String,
}

/// Which version is known already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatch {
    /// An `ETag`; while it is the present one the answer is 304 without a body.
    #[param(rename = "If-None-Match", example = "\"3\"")]
    if_none_match: Option<String>,
}

/// How long to wait.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Prefer {
    /// `wait=N`: the answer may wait N seconds, 60 at most (RFC 7240).
    #[param(rename = "Prefer", example = "wait=30")]
    prefer: Option<String>,
}

/// Where a stream of events goes on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventId {
    /// The `id` of the last event that was received; events after it follow.
    #[param(rename = "Last-Event-ID", minimum = 0)]
    last_event_id: Option<i64>,
}
