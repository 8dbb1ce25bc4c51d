//! `GET /v1/integrations`

use axum::extract::State as Given;
use axum::response::Response;
use domain::IntegrationId;
use store::PageQuery;

use crate::AppState;
use crate::extract::{RequestInput, Viewer};
use crate::openapi::params::Paging;
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::integration::Integration;

/// List the saved connections
///
/// Oldest first. Deleted ones are not in the list; they can be read one by one for 90 days.
#[utoipa::path(
    get,
    path = "/v1/integrations",
    tag = "integrations",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<Integration>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_integrations(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<IntegrationId>(&caller, "list_integrations", "created_at");
    input.finish(Some(()))?;
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let page = state.store().list_integrations(caller.organisation(), slice).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|integration| integration.id);
    let now = state.now();
    let items: Vec<_> = page.items.into_iter().map(|each| Integration::new(each, now)).collect();
    Ok(input.page(&paging, &items, last))
}
