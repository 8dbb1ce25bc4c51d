//! `GET /v1/api-credentials/{credential_id}`

use axum::Json;
use axum::extract::State;
use domain::CredentialId;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::credential::ApiCredential;

/// Get an API credential
///
/// Never includes the secret. Revoked and expired credentials can be read for 90 days.
#[utoipa::path(
    get,
    path = "/v1/api-credentials/{credential_id}",
    tag = "credentials",
    responses((status = 200, description = "The credential.", body = ApiCredential))
)]
pub async fn get_api_credential(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CredentialId>,
    _: NoInput,
) -> Result<Json<ApiCredential>, ApiError> {
    let found = state.store().find_credential(caller.organisation(), id).await?;
    Ok(Json(found.ok_or(ApiError::NotFound)?.into()))
}
