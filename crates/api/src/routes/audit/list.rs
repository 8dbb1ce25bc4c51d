//! `GET /v1/audit`

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use store::{AuditFilter, AuditPosition};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use super::export::{self, Format};
use crate::AppState;
use crate::export::ExportAudit;
use crate::extract::{Caller, RequestInput};
use crate::problem::ApiError;
use crate::wire::audit::AuditEvent;
use crate::wire::params::{OperationId, Paging};
use crate::wire::{Page, choice_schema};

/// In characters, for subject or email.
const ACTOR_MAX: usize = 320;
/// None is a page of JSON, the others are exports.
const FORMATS: [(&str, Option<Format>); 3] =
    [("json", None), ("jsonl", Some(Format::JsonLines)), ("csv", Some(Format::Csv))];

const OUTCOMES: [&str; 3] = ["done", "refused", "denied"];

/// Filters of the audit.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the derive alone")]
struct AuditFilters {
    /// Inclusive.
    from: Option<Timestamp>,
    /// Exclusive.
    to: Option<Timestamp>,
    /// With exactly this subject or email.
    #[param(max_length = 320)]
    actor: Option<String>,
    /// With any of these operation ids.
    #[param(inline, min_items = 1, max_items = 100)]
    action: Option<Vec<OperationId>>,
    /// With any of these outcomes.
    #[param(inline, min_items = 1, max_items = 100)]
    outcome: Option<Vec<OutcomeName>>,
    /// With any of these target ids.
    #[param(min_items = 1, max_items = 100)]
    target: Option<Vec<Uuid>>,
    /// Default: `json`, unless `Accept` prefers `application/x-ndjson`. `jsonl` and `csv` stream all matching events.
    #[param(inline)]
    format: Option<FormatName>,
}

struct OutcomeName;

impl ToSchema for OutcomeName {}

impl PartialSchema for OutcomeName {
    fn schema() -> RefOr<Schema> {
        choice_schema(&OUTCOMES.map(|name| (name, ())))
    }
}

struct FormatName;

impl ToSchema for FormatName {}

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        choice_schema(&FORMATS)
    }
}

/// List audit events
///
/// Newest first: every change, every export, every refused change, every request that its caller may not make.
/// `Accept: application/x-ndjson`, preferred to JSON, or `format=jsonl|csv` streams all matching events; `limit` and `cursor`
/// are then refused.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "audit",
    params(AuditFilters, Paging),
    responses((status = 200, description = "A page, or a stream of all events.", content(
        (Page<AuditEvent> = "application/json"), (Vec<u8> = "application/x-ndjson"), (Vec<u8> = "text/csv"),
    )))
)]
pub async fn list_audit(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = AuditFilter {
        from: input.instant("from"),
        to: input.instant("to"),
        actor: input.text("actor", ACTOR_MAX),
        actions: input.list("action", action, "the id of an operation"),
        outcomes: input.list("outcome", outcome, "done, refused or denied"),
        targets: input.list("target", |text| text.parse::<Uuid>().ok(), "a UUID"),
    };
    let asked = input.choice("format", &FORMATS);
    let preferred = match input.preferred(&["application/json", "application/x-ndjson"]) {
        Some("application/x-ndjson") => Some(Format::JsonLines),
        _ => None,
    };
    if let Some(format) = asked.unwrap_or(preferred) {
        input.reject_unknown()?;
        let (actor, query) = (caller.actor.clone(), input.query());
        let action = input.operation_id();
        let audit = ExportAudit::new(state.engine.clone(), actor, action, query);
        return export::stream(&state, &caller, filter, format, audit).await;
    }
    let paging = input.paging::<AuditPosition>(&caller, "-at");
    input.reject_unknown()?;
    let page = state.store().list_audit(caller.organisation(), &filter, paging.query()).await?;
    Ok(input.page(&paging, page, |event| event.position, AuditEvent::from))
}

/// Any well-formed operation id: events of operations that were removed remain.
fn action(text: &str) -> Option<String> {
    let is_sane = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_sane.then(|| text.to_owned())
}

fn outcome(text: &str) -> Option<String> {
    OUTCOMES.contains(&text).then(|| text.to_owned())
}
