//! `GET /v1/assets/{asset_id}/score-history`

use axum::extract::State;
use axum::response::Response;
use domain::{AssetId, SyncId};
use store::Period;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::params::{Paging, ScorePeriod};
use crate::wire::score::ScorePoint;

/// List the score history of an asset
///
/// One point for each successful sync, newest first, with the number of findings accepted at that time. Retained for
/// 400 days.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}/score-history",
    tag = "assets",
    params(ScorePeriod, Paging),
    responses((status = 200, description = "A page.", body = Page<ScorePoint>))
)]
pub async fn list_score_history(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let period = Period { from: input.instant("from"), to: input.instant("to") };
    let paging = input.paging::<SyncId>(&caller, "-at");
    input.reject_unknown()?;
    let now = state.now();
    let organisation = caller.organisation();
    state.store().find_asset(organisation, id, now).await?.ok_or(ApiError::NotFound)?;
    let page = state.store().list_scores(organisation, id, period, paging.query(), now).await?;
    Ok(input.page(&paging, page, |score| score.sync_id, ScorePoint::from))
}
