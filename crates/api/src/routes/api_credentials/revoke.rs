//! `DELETE /v1/api-credentials/{credential_id}`

use axum::extract::State as Given;
use domain::CredentialId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;

/// Revoke an API credential
///
/// Its access tokens end at once. Revoking it again answers the same. Needs the role `admin`.
#[utoipa::path(
    delete,
    path = "/v1/api-credentials/{credential_id}",
    tag = "credentials",
    params(("credential_id" = Uuid, Path, description = "The credential.")),
    responses((status = 204, description = "Revoked."))
)]
pub async fn revoke_api_credential(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<CredentialId>,
    mut input: RequestInput,
) -> Result<StatusCode, ApiError> {
    input.finish(Some(()))?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    let work = async move { engine.revoke_credential(&actor, id).await };
    crate::middleware::idempotency::run_detached(work).await??;
    Ok(StatusCode::NO_CONTENT)
}
