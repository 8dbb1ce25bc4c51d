//! `GET /v1/assets/{asset_id}/drift`

use axum::Json;
use axum::extract::State;
use domain::{AssetId, SyncId};

use crate::AppState;
use crate::extract::{Caller, Id, PathId as _, RequestInput};
use crate::problem::ApiError;
use crate::wire::drift::Drift;
use crate::wire::params::DriftRange;

/// Compare two syncs of an asset
///
/// The differences in the tenant's settings and in the results, each with its cause: the tenant, the policy or the
/// check. Snapshots are retained for 90 days; an older one returns 409 `conflict`.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}/drift",
    tag = "assets",
    params(DriftRange),
    responses((status = 200, description = "The differences.", body = Drift))
)]
pub async fn get_drift(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Json<Drift>, ApiError> {
    let from = input.single("from", SyncId::read, "a UUID");
    let to = input.single("to", SyncId::read, "a UUID");
    input.reject_unknown()?;
    let answer = state.engine.drift(caller.organisation(), id, (from, to)).await?;
    Ok(Json(answer.into()))
}
