//! `GET /v1/assets/{asset_id}/drift`

use axum::Json;
use axum::extract::State as Given;
use domain::{AssetId, SyncId};

use crate::AppState;
use crate::extract::{Id, PathId as _, RequestInput, Viewer};
use crate::openapi::params::DriftRange;
use crate::problem::ApiError;
use crate::wire::drift::Drift;

/// Compare two syncs of an asset
///
/// What differs in the tenant's settings, and what in the results, with the causes: the tenant, the
/// policy or the check. What syncs saw is kept for 90 days; what is no longer kept is 409 `conflict`.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}/drift",
    tag = "assets",
    params(("asset_id" = Uuid, Path, description = "The asset."), DriftRange),
    responses((status = 200, description = "What differs.", body = Drift))
)]
pub async fn get_drift(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Json<Drift>, ApiError> {
    let from = input.single("from", SyncId::read, "a UUID");
    let to = input.single("to", SyncId::read, "a UUID");
    input.finish(Some(()))?;
    let answer = state.engine.drift(caller.organisation(), id, (from, to)).await?;
    Ok(Json(answer.into()))
}
