//! `DELETE /v1/integrations/{integration_id}/next-secret`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::IntegrationId;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::integration::Integration;

/// Delete the next client secret
///
/// Destroys it. Without a next secret the response is the same and nothing changes.
#[utoipa::path(
    delete,
    path = "/v1/integrations/{integration_id}/next-secret",
    tag = "integrations",
    responses((status = 200, description = "The integration, without a next secret.", body = Integration))
)]
pub async fn delete_next_secret(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    input: RequestInput,
) -> Result<Response, ApiError> {
    command(state, &caller, input, Some(()), |state, actor, ()| async move {
        let integration = state.engine.withdraw_next_secret(&actor, id).await?;
        Ok(Json(Integration::new(integration, state.now())).into_response())
    })
    .await
}
