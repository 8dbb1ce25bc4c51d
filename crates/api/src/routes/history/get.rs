//! `GET /v1/history/{entry_id}`

use axum::Json;
use axum::extract::State;
use domain::HistoryEntryId;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::history::HistoryEntry;

/// Get a history entry
///
/// Action, status, actor and details, as in the list.
#[utoipa::path(
    get,
    path = "/v1/history/{entry_id}",
    tag = "history",
    responses((status = 200, description = "The history entry.", body = HistoryEntry))
)]
pub async fn get_history_entry(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<HistoryEntryId>,
    _: NoInput,
) -> Result<Json<HistoryEntry>, ApiError> {
    let found = state.store().find_history(caller.organisation(), id, state.now()).await?;
    Ok(Json(found.ok_or(ApiError::NotFound)?.into()))
}
