//! `GET /v1/audit`

use axum::extract::State as Given;
use axum::response::Response;
use store::{AuditFilter, AuditPosition, PageQuery};
use uuid::Uuid;

use super::export::{self, Format};
use crate::AppState;
use crate::extract::{Admin, RequestInput};
use crate::openapi::params::{AuditFilters, Paging};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::audit::AuditEvent;

/// Longest subject and e-mail.
const ACTOR_MAX: usize = 320;

/// List who did what, from where
///
/// Newest first: every change, every change that was refused, every request that its caller may not
/// make. `Accept: application/x-ndjson`, preferred to JSON, or `format=jsonl|csv` streams everything that matches; `limit` and
/// `cursor` are then not accepted. Needs the role `admin`.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "audit",
    params(AuditFilters, Paging),
    responses((status = 200, description = "A page, or the stream.", content(
        (Page<AuditEvent> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
    ), headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_audit(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
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
    let formats = [("json", None), ("jsonl", Some(Format::JsonLines)), ("csv", Some(Format::Csv))];
    let asked = input.choice("format", &formats);
    let preferred = match input.preferred(&["application/json", "application/x-ndjson"]) {
        Some("application/x-ndjson") => Some(Format::JsonLines),
        _ => None,
    };
    if let Some(format) = asked.unwrap_or(preferred) {
        input.finish(Some(()))?;
        return export::stream(&state, &caller, filter, format).await;
    }
    let paging = input.paging::<AuditPosition>(&caller, "list_audit", "-at");
    input.finish(Some(()))?;
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let page = state.store().list_audit(caller.organisation(), &filter, slice).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|event| event.position);
    let items: Vec<_> = page.items.into_iter().map(AuditEvent::from).collect();
    Ok(input.page(&paging, &items, last))
}

/// Operations come and go, rows stay: anything that could be one.
fn action(text: &str) -> Option<String> {
    let is_sane = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_sane.then(|| text.to_owned())
}

fn outcome(text: &str) -> Option<String> {
    ["done", "refused", "denied"].contains(&text).then(|| text.to_owned())
}
