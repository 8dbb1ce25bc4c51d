//! `GET /v1/history/{entry_id}`

use axum::Json;
use axum::extract::State as Given;
use domain::HistoryEntryId;

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::history::HistoryEntry;

/// Open one row of the history
#[utoipa::path(
    get,
    path = "/v1/history/{entry_id}",
    tag = "history",
    params(("entry_id" = Uuid, Path, description = "The row.")),
    responses((status = 200, description = "The row.", body = HistoryEntry))
)]
pub async fn get_history_entry(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<HistoryEntryId>,
    mut input: RequestInput,
) -> Result<Json<HistoryEntry>, ApiError> {
    input.finish(Some(()))?;
    let found = state.store().find_history(caller.organisation(), id, state.now()).await?;
    Ok(Json(found.ok_or(ApiError::NotFound)?.into()))
}
