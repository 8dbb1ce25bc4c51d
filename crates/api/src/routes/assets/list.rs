//! `GET /v1/assets`

use axum::extract::State;
use axum::response::Response;
use domain::{AssetId, IntegrationId};
use store::AssetFilter;

use crate::AppState;
use crate::extract::{Caller, PathId as _, RequestInput};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::asset::Asset;
use crate::wire::params::{AssetFilters, Paging};

/// List assets
///
/// One for each integration that has been synced, oldest first. Assets of deleted integrations are included only if
/// `integration_id` names them, or with `include_deleted=true`.
#[utoipa::path(
    get,
    path = "/v1/assets",
    tag = "assets",
    params(AssetFilters, Paging),
    responses((status = 200, description = "A page.", body = Page<Asset>))
)]
pub async fn list_assets(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = AssetFilter {
        integration_ids: input.list("integration_id", IntegrationId::read, "a UUID"),
        asset_ids: None,
        include_deleted: input.flag("include_deleted"),
    };
    let paging = input.paging::<AssetId>(&caller, "created_at");
    input.reject_unknown()?;
    let now = state.now();
    let page =
        state.store().list_assets(caller.organisation(), &filter, paging.query(), now).await?;
    Ok(input.page(&paging, page, |view| view.asset.id, |view| Asset::new(view, now)))
}
