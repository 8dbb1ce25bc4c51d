//! `GET /v1/findings/{finding_id}`

use axum::Json;
use axum::extract::State as Given;
use domain::{FindingId, OrganisationId};

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::finding::Finding;

/// Open one finding
///
/// With `transitions`: its life, with the evidence before and after.
#[utoipa::path(
    get,
    path = "/v1/findings/{finding_id}",
    tag = "findings",
    params(("finding_id" = Uuid, Path, description = "The finding.")),
    responses((status = 200, description = "The finding.", body = Finding))
)]
pub async fn get_finding(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<FindingId>,
    mut input: RequestInput,
) -> Result<Json<Finding>, ApiError> {
    input.finish(Some(()))?;
    load_finding(&state, caller.organisation(), id).await
}

/// The finding as it stands now, with its life.
pub async fn load_finding(
    state: &AppState,
    organisation: &OrganisationId,
    id: FindingId,
) -> Result<Json<Finding>, ApiError> {
    let now = state.now();
    let found = state.store().find_finding(organisation, id, now).await?;
    let finding = Finding::new(found.ok_or(ApiError::NotFound)?, now);
    let transitions = state.store().list_transitions(organisation, id).await?;
    Ok(Json(finding.with_transitions(transitions)))
}
