//! `DELETE /v1/api-credentials/{credential_id}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::CredentialId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;

/// Revoke an API credential
///
/// Its access tokens end at once. Revoking it again has the same response.
#[utoipa::path(
    delete,
    path = "/v1/api-credentials/{credential_id}",
    tag = "credentials",
    responses((status = 204, description = "Revoked."))
)]
pub async fn revoke_api_credential(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CredentialId>,
    input: RequestInput,
) -> Result<Response, ApiError> {
    command(state, &caller, input, Some(()), |state, actor, ()| async move {
        state.engine.revoke_credential(&actor, id).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}
