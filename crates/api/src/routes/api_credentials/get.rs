//! `GET /v1/api-credentials/{credential_id}`

use axum::Json;
use axum::extract::State as Given;
use domain::CredentialId;

use crate::AppState;
use crate::extract::{Admin, Id, RequestInput};
use crate::problem::ApiError;
use crate::wire::credential::ApiCredential;

/// Read one API credential
///
/// Never its secret. Revoked and expired ones can be read for 90 days. Needs the role `admin`.
#[utoipa::path(
    get,
    path = "/v1/api-credentials/{credential_id}",
    tag = "credentials",
    params(("credential_id" = Uuid, Path, description = "The credential.")),
    responses((status = 200, description = "The credential.", body = ApiCredential))
)]
pub async fn get_api_credential(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<CredentialId>,
    mut input: RequestInput,
) -> Result<Json<ApiCredential>, ApiError> {
    input.finish(Some(()))?;
    let found = state.store().find_credential(caller.organisation(), id).await?;
    Ok(Json(found.ok_or(ApiError::NotFound)?.into()))
}
