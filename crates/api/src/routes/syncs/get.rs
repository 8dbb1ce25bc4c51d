//! `GET /v1/syncs/{sync_id}`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::SyncId;
use http::header::RETRY_AFTER;

use super::RETRY_AFTER_S;
use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::sync::Sync;

/// Follow a sync
///
/// Where it stands, and once it is over what it read, judged and found.
#[utoipa::path(
    get,
    path = "/v1/syncs/{sync_id}",
    tag = "syncs",
    params(("sync_id" = Uuid, Path, description = "The sync.")),
    responses((status = 200, description = "The sync.", body = Sync,
        headers(("Retry-After" = u32, description = "Seconds until it is worth asking again, while it is not over."))))
)]
pub async fn get_sync(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<SyncId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    input.finish(Some(()))?;
    let found = state.store().find_sync(caller.organisation(), id, state.now()).await?;
    let sync = found.ok_or(ApiError::NotFound)?;
    let is_over = sync.state.is_over();
    let mut response = Json(Sync::from(sync)).into_response();
    if !is_over {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S.into());
    }
    Ok(response)
}
