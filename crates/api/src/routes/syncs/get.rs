//! `GET /v1/syncs/{sync_id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::SyncId;
use http::header::RETRY_AFTER;

use super::RETRY_AFTER_S;
use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::sync::Sync;

/// Get a sync
///
/// Its state, and once it has ended its readings, results and findings.
#[utoipa::path(
    get,
    path = "/v1/syncs/{sync_id}",
    tag = "syncs",
    responses((status = 200, description = "The sync.", body = Sync,
        headers(("Retry-After" = u32, description = "Seconds until the next request, while the sync has not ended."))))
)]
pub async fn get_sync(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SyncId>,
    _: NoInput,
) -> Result<Response, ApiError> {
    let found = state.store().find_sync(caller.organisation(), id, state.now()).await?;
    let sync = found.ok_or(ApiError::NotFound)?;
    let is_over = sync.state.is_over();
    let mut response = Json(Sync::from(sync)).into_response();
    if !is_over {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S.into());
    }
    Ok(response)
}
