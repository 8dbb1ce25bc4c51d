//! `GET /v1/assets/{asset_id}`

use axum::Json;
use axum::extract::State as Given;
use domain::AssetId;

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::asset::Asset;

/// Open one asset
///
/// Counts by severity, score, coverage, and the checks that could not be judged.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}",
    tag = "assets",
    params(("asset_id" = Uuid, Path, description = "The asset.")),
    responses((status = 200, description = "The asset.", body = Asset))
)]
pub async fn get_asset(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Json<Asset>, ApiError> {
    input.finish(Some(()))?;
    let now = state.now();
    let found = state.store().find_asset(caller.organisation(), id, now).await?;
    Ok(Json(Asset::new(found.ok_or(ApiError::NotFound)?, now)))
}
