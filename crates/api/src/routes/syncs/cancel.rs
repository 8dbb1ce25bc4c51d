//! `DELETE /v1/syncs/{sync_id}`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::SyncId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::sync::Sync;

/// Stop a sync
///
/// Queued or running, it is over at once: `cancelled`, with who asked; nothing of it is kept. A sync
/// that is already over stays as it is, and the answer is the same. Needs the role `admin`.
#[utoipa::path(
    delete,
    path = "/v1/syncs/{sync_id}",
    tag = "syncs",
    params(("sync_id" = Uuid, Path, description = "The sync.")),
    responses((status = 202, description = "The sync, as it now stands.", body = Sync))
)]
pub async fn cancel_sync(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<SyncId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    input.finish(Some(()))?;
    let engine = state.engine.clone();
    let work = async move { engine.cancel_sync(&caller.actor(), id).await };
    let sync = crate::middleware::idempotency::run_detached(work).await??;
    Ok((StatusCode::ACCEPTED, Json(Sync::from(sync))).into_response())
}
