//! `GET /v1/assets/{asset_id}/score-history`

use axum::extract::State as Given;
use axum::response::Response;
use domain::{AssetId, SyncId};
use store::{PageQuery, Period};

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::openapi::params::{Paging, ScorePeriod};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::score::ScorePoint;

/// Follow the score of an asset
///
/// One point for each successful sync, newest first, with what was accepted at that time. Kept for 400
/// days.
#[utoipa::path(
    get,
    path = "/v1/assets/{asset_id}/score-history",
    tag = "assets",
    params(("asset_id" = Uuid, Path, description = "The asset."), ScorePeriod, Paging),
    responses((status = 200, description = "A page.", body = Page<ScorePoint>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_score_history(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let period = Period { from: input.instant("from"), to: input.instant("to") };
    let paging = input.paging::<SyncId>(&caller, "list_score_history", "-at");
    input.finish(Some(()))?;
    let now = state.now();
    let organisation = caller.organisation();
    state.store().find_asset(organisation, id, now).await?.ok_or(ApiError::NotFound)?;
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let page = state.store().list_scores(organisation, id, period, slice, now).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|score| score.sync_id);
    let items: Vec<_> = page.items.into_iter().map(ScorePoint::from).collect();
    Ok(input.page(&paging, &items, last))
}
