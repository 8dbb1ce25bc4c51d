//! `POST /v1/connection-tests`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::form::NewIntegration;

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::connection_test::ConnectionTest;
use crate::wire::request;

/// Test a connection without saving it
///
/// Returns 200 with a report whether or not the tenant accepts the configuration: see `outcome`. Nothing is recorded.
#[utoipa::path(
    post,
    path = "/v1/connection-tests",
    tag = "configuration",
    request_body(content = request::IntegrationInput, description = "The form as it would be saved."),
    responses((status = 200, description = "The report.", body = ConnectionTest))
)]
pub async fn test_connection(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let allowed = state.engine.allowed_for(caller.organisation());
    let form = input.body(Media::Json, false, |body| NewIntegration::parse(body, &allowed, now))?;
    command(state, &caller, input, form, |state, actor, form| async move {
        let report = state.engine.test_new(&actor, &form).await?;
        Ok(Json(ConnectionTest::from(report)).into_response())
    })
    .await
}
