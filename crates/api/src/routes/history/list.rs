//! `GET /v1/integrations/{integration_id}/history`

use axum::extract::State as Given;
use axum::response::Response;
use domain::history::{Action, HistoryStatus};
use domain::{HistoryEntryId, IntegrationId};
use store::{HistoryFilter, PageQuery};

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::openapi::params::{HistoryFilters, Paging};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::history::HistoryEntry;

/// List what was done with an integration
///
/// Newest first: tests of what is saved, changes, syncs.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}/history",
    tag = "history",
    params(("integration_id" = Uuid, Path, description = "The integration."), HistoryFilters, Paging),
    responses((status = 200, description = "A page.", body = Page<HistoryEntry>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_history(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = HistoryFilter {
        actions: input.list("action", Action::from_name, "test_connection, update or sync"),
        statuses: input.list("status", HistoryStatus::from_name, "in_progress, success or failed"),
    };
    let paging = input.paging::<HistoryEntryId>(&caller, "list_history", "-started_at");
    input.finish(Some(()))?;
    let now = state.now();
    let organisation = caller.organisation();
    let integration = state.store().find_integration(organisation, id, now).await?;
    integration.ok_or(ApiError::NotFound)?;
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let page = state.store().list_history(organisation, id, &filter, slice, now).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|entry| entry.id);
    let items: Vec<_> = page.items.into_iter().map(HistoryEntry::from).collect();
    Ok(input.page(&paging, &items, last))
}
