//! `GET /v1/assets/{asset_id}`

use axum::Json;
use axum::extract::State;
use domain::AssetId;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::asset::Asset;

/// Get an asset
///
/// Counts by severity, score, coverage, and the checks without a result.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}",
    tag = "assets",
    responses((status = 200, description = "The asset.", body = Asset))
)]
pub async fn get_asset(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AssetId>,
    _: NoInput,
) -> Result<Json<Asset>, ApiError> {
    let now = state.now();
    let found = state.store().find_asset(caller.organisation(), id, now).await?;
    Ok(Json(Asset::new(found.ok_or(ApiError::NotFound)?, now)))
}
