//! `GET /v1/assets/{asset_id}/plan`

use axum::Json;
use axum::extract::State;
use domain::AssetId;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::plan::Plan;

/// Get the plan of an asset
///
/// What to do, in order, with the score after each action. Each action is one call of the Management API. Its effect
/// is computed on the latest snapshot, as the next sync would evaluate it. Accepted findings are left out. Nothing is
/// sent to the tenant. If no snapshot is stored, the response is 409 `conflict`.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}/plan",
    tag = "assets",
    responses((status = 200, description = "The plan.", body = Plan))
)]
pub async fn get_plan(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AssetId>,
    _: NoInput,
) -> Result<Json<Plan>, ApiError> {
    let plan = state.engine.plan(caller.organisation(), id).await?;
    Ok(Json(plan.into()))
}
