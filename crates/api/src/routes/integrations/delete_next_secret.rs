//! `DELETE /v1/integrations/{integration_id}/next-secret`

use axum::Json;
use axum::extract::State as Given;
use domain::IntegrationId;

use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::integration::Integration;

/// Withdraw the next client secret
///
/// It is destroyed. An integration without one answers the same and stays as it is. Needs the role
/// `admin`.
#[utoipa::path(
    delete,
    path = "/v1/integrations/{integration_id}/next-secret",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration.")),
    responses((status = 200, description = "The integration, without a next secret.", body = Integration))
)]
pub async fn delete_next_secret(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Json<Integration>, ApiError> {
    input.finish(Some(()))?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    let work = async move { engine.withdraw_next_secret(&actor, id).await };
    let integration = crate::middleware::idempotency::run_detached(work).await??;
    Ok(Json(Integration::new(integration, state.now())))
}
