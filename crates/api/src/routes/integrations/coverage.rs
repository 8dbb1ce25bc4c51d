//! `GET /v1/integrations/{integration_id}/coverage`

use axum::Json;
use axum::extract::State as Given;
use domain::IntegrationId;

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::coverage::Coverage;

/// See what the last successful sync could judge
///
/// Every reading and every check, with what stood in the way and the scopes that would bring more.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}/coverage",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration.")),
    responses((status = 200, description = "The coverage; before the first successful sync an empty one \
        that says so.", body = Coverage))
)]
pub async fn get_coverage(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Json<Coverage>, ApiError> {
    input.finish(Some(()))?;
    let (now, organisation) = (state.now(), caller.organisation());
    let integration = state.store().find_integration(organisation, id, now).await?;
    integration.ok_or(ApiError::NotFound)?;
    let Some(judged) = state.store().latest_evaluation_summary(organisation, id).await? else {
        return Ok(Json(Coverage::none()));
    };
    let sync = state.store().find_sync(organisation, judged.score.sync_id, now).await?;
    let reports = sync.map(|sync| sync.result.readings).unwrap_or_default();
    Ok(Json(Coverage::new(&judged, &reports)))
}
