//! `POST /v1/integrations/{integration_id}/connection-tests`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::IntegrationId;
use domain::form::IntegrationEdit;

use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::connection_test::ConnectionTest;
use crate::wire::request::IntegrationChanges;

/// Test the connection of an integration
///
/// Tests it as saved, or with the changed fields of the body. Another `api_identifier` or `client_id` needs its
/// secret in the same body. Only a test of what is saved is recorded in the history: see `recorded` and `reason`.
#[utoipa::path(
    post,
    path = "/v1/integrations/{integration_id}/connection-tests",
    tag = "integrations",
    request_body(content = Option<IntegrationChanges>, description = "The changed fields."),
    responses((status = 200, description = "The report.", body = ConnectionTest))
)]
pub async fn test_integration(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let allowed = state.engine.allowed_for(caller.organisation());
    let edit = input.body(Media::Json, true, |body| IntegrationEdit::parse(body, &allowed, now))?;
    command(state, &caller, input, edit, |state, actor, edit| async move {
        let report = state.engine.test_saved(&actor, id, &edit).await?;
        Ok(Json(ConnectionTest::from(report)).into_response())
    })
    .await
}
