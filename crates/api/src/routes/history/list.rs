//! `GET /v1/integrations/{integration_id}/history`

use axum::extract::State;
use axum::response::Response;
use domain::history::{Action, HistoryStatus};
use domain::{HistoryEntryId, IntegrationId};
use store::HistoryFilter;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::history::HistoryEntry;
use crate::wire::params::{HistoryFilters, Paging};

/// List the history of an integration
///
/// Newest first: tests of the saved connection, changes and syncs.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}/history",
    tag = "history",
    params(HistoryFilters, Paging),
    responses((status = 200, description = "A page.", body = Page<HistoryEntry>))
)]
pub async fn list_history(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = HistoryFilter {
        actions: input.list("action", Action::from_name, "test_connection, update or sync"),
        statuses: input.list("status", HistoryStatus::from_name, "in_progress, success or failed"),
    };
    let paging = input.paging::<HistoryEntryId>(&caller, "-started_at");
    input.reject_unknown()?;
    let now = state.now();
    let organisation = caller.organisation();
    let integration = state.store().find_integration(organisation, id, now).await?;
    integration.ok_or(ApiError::NotFound)?;
    let page = state.store().list_history(organisation, id, &filter, paging.query(), now).await?;
    Ok(input.page(&paging, page, |entry| entry.id, HistoryEntry::from))
}
