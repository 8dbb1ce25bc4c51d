//! `DELETE /v1/findings/{finding_id}/acceptance`

use axum::Json;
use axum::extract::State as Given;
use domain::FindingId;

use super::get::whole;
use crate::State;
use crate::extract::{Admin, Id, Input};
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
    Given(state): Given<State>,
    Admin(caller): Admin,
    Id(id): Id<FindingId>,
    mut input: Input,
) -> Result<Json<Finding>, ApiError> {
    input.finish(Some(()))?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    crate::once::to_the_end(async move { engine.unaccept(&actor, id).await }).await??;
    whole(&state, caller.organisation(), id).await
}
