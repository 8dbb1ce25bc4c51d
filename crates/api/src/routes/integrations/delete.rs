//! `DELETE /v1/integrations/{integration_id}`

use axum::extract::State as Given;
use domain::IntegrationId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;

/// Delete a saved connection
///
/// Its credentials are destroyed at once and a running sync is stopped. Its assets, findings and
/// history stay readable for 90 days. Deleting it again answers the same. `If-Match` may be given. Needs the role
/// `admin`.
#[utoipa::path(
    delete,
    path = "/v1/integrations/{integration_id}",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration.")),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_integration(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<StatusCode, ApiError> {
    let if_match = input.if_match();
    input.finish(Some(()))?;
    let engine = state.engine.clone();
    let work = async move { engine.delete(&caller.actor(), id, if_match.as_ref()).await };
    crate::middleware::idempotency::run_detached(work).await??;
    Ok(StatusCode::NO_CONTENT)
}
