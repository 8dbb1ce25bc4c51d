//! `DELETE /v1/findings/{finding_id}/acceptance`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::FindingId;

use super::get::load_finding;
use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::finding::Finding;

/// Revoke the acceptance of a finding
///
/// If the finding is not accepted, the response is the same and nothing changes.
#[utoipa::path(
    delete,
    path = "/v1/findings/{finding_id}/acceptance",
    tag = "findings",
    responses((status = 200, description = "The finding, not accepted.", body = Finding))
)]
pub async fn unaccept_finding(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FindingId>,
    input: RequestInput,
) -> Result<Response, ApiError> {
    command(state, &caller, input, Some(()), |state, actor, ()| async move {
        state.engine.unaccept(&actor, id).await?;
        let finding = load_finding(&state, &actor.organisation_id, id).await?;
        Ok(finding.into_response())
    })
    .await
}
