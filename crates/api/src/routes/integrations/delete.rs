//! `DELETE /v1/integrations/{integration_id}`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::IntegrationId;
use http::StatusCode;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::params::OptionalIfMatch;

/// Delete an integration
///
/// Destroys its credentials at once and cancels a running sync. Its assets, findings and history can be read for 90
/// days. Deleting it again has the same response. `If-Match` is optional.
#[utoipa::path(
    delete,
    path = "/v1/integrations/{integration_id}",
    tag = "integrations",
    params(OptionalIfMatch),
    responses((status = 204, description = "Deleted."))
)]
pub async fn delete_integration(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_match = input.if_match();
    command(state, &caller, input, Some(()), |state, actor, ()| async move {
        state.engine.delete(&actor, id, if_match.as_ref()).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}
