//! `GET /v1/integrations`

use axum::extract::State;
use axum::response::Response;
use domain::IntegrationId;

use crate::AppState;
use crate::extract::{Caller, RequestInput};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::integration::Integration;
use crate::wire::params::Paging;

/// List integrations
///
/// Oldest first. Deleted integrations are left out; each can still be read by its id for 90 days.
#[utoipa::path(
    get,
    path = "/v1/integrations",
    tag = "integrations",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<Integration>))
)]
pub async fn list_integrations(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<IntegrationId>(&caller, "created_at");
    input.reject_unknown()?;
    let page = state.store().list_integrations(caller.organisation(), paging.query()).await?;
    let now = state.now();
    Ok(input.page(&paging, page, |each| each.id, |each| Integration::new(each, now)))
}
