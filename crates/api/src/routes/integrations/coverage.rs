//! `GET /v1/integrations/{integration_id}/coverage`

use axum::Json;
use axum::extract::State;
use domain::IntegrationId;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::coverage::Coverage;

/// Get the coverage of the last successful sync
///
/// Every reading and every check, with what prevented it and the scopes that would allow more.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}/coverage",
    tag = "integrations",
    responses((status = 200, description = "The coverage. Empty before the first successful sync.", body = Coverage))
)]
pub async fn get_coverage(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    _: NoInput,
) -> Result<Json<Coverage>, ApiError> {
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
