//! `DELETE /v1/findings/{finding_id}/acceptance`

use axum::Json;
use axum::extract::State as Given;
use domain::FindingId;

use super::get::load_finding;
use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::finding::Finding;

/// Take the acceptance of a finding back
///
/// A finding that is not accepted answers the same and stays as it is. Needs the role `admin`.
#[utoipa::path(
    delete,
    path = "/v1/findings/{finding_id}/acceptance",
    tag = "findings",
    params(("finding_id" = Uuid, Path, description = "The finding.")),
    responses((status = 200, description = "The finding, not accepted.", body = Finding))
)]
pub async fn unaccept_finding(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<FindingId>,
    mut input: RequestInput,
) -> Result<Json<Finding>, ApiError> {
    input.finish(Some(()))?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    crate::middleware::idempotency::run_detached(async move { engine.unaccept(&actor, id).await })
        .await??;
    load_finding(&state, caller.organisation(), id).await
}
