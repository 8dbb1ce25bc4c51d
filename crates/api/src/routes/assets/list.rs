//! `GET /v1/assets`

use axum::extract::State as Given;
use axum::response::Response;
use domain::{AssetId, IntegrationId};
use store::{AssetFilter, PageQuery};

use crate::AppState;
use crate::extract::{PathId as _, RequestInput, Viewer};
use crate::openapi::params::{AssetFilters, Paging};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::asset::Asset;

/// List the assets
///
/// One for each integration that has been read, oldest first. Those of deleted integrations are there only where
/// `integration_id` names them, or with `include_deleted=true`.
#[utoipa::path(
    get,
    path = "/v1/assets",
    tag = "assets",
    params(AssetFilters, Paging),
    responses((status = 200, description = "A page.", body = Page<Asset>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_assets(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let filter = AssetFilter {
        integration_ids: input.list("integration_id", IntegrationId::read, "a UUID"),
        include_deleted: input.flag("include_deleted"),
    };
    let paging = input.paging::<AssetId>(&caller, "list_assets", "created_at");
    input.finish(Some(()))?;
    let now = state.now();
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let organisation = caller.organisation();
    let page = state.store().list_assets(organisation, &filter, slice, now).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|view| view.asset.id);
    let items: Vec<_> = page.items.into_iter().map(|view| Asset::new(view, now)).collect();
    Ok(input.page(&paging, &items, last))
}
