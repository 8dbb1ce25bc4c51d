//! `GET /v1/findings/{finding_id}`

use axum::Json;
use axum::extract::State;
use domain::{FindingId, OrganisationId};

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::finding::Finding;

/// Get a finding
///
/// Includes `transitions`: every change of its state, with the evidence before and after.
#[utoipa::path(
    get,
    path = "/v1/findings/{finding_id}",
    tag = "findings",
    responses((status = 200, description = "The finding.", body = Finding))
)]
pub async fn get_finding(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FindingId>,
    _: NoInput,
) -> Result<Json<Finding>, ApiError> {
    load_finding(&state, caller.organisation(), id).await
}

/// The finding with its transitions.
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
