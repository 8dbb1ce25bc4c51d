//! `DELETE /v1/syncs/{sync_id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::SyncId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::sync::Sync;

/// Cancel a sync
///
/// Ends a queued or running sync at once as `cancelled`, with the user who cancelled it. Discards what it read. A
/// sync that has already ended stays as it is, with the same response.
#[utoipa::path(
    delete,
    path = "/v1/syncs/{sync_id}",
    tag = "syncs",
    responses((status = 202, description = "The sync.", body = Sync))
)]
pub async fn cancel_sync(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SyncId>,
    input: RequestInput,
) -> Result<Response, ApiError> {
    command(state, &caller, input, Some(()), |state, actor, ()| async move {
        let sync = state.engine.cancel_sync(&actor, id).await?;
        Ok((StatusCode::ACCEPTED, Json(Sync::from(sync))).into_response())
    })
    .await
}
