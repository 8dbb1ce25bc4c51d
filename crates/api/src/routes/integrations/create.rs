//! `POST /v1/integrations`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::form::NewIntegration;
use http::StatusCode;
use http::header::{ETAG, LOCATION};

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput, entity_tag};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::integration::Integration;
use crate::wire::request;

/// Create an integration
///
/// Tests the connection first. If the test fails, nothing is saved and the response is the problem
/// `connection_test_failed` with the report.
#[utoipa::path(
    post,
    path = "/v1/integrations",
    tag = "integrations",
    request_body(content = request::IntegrationInput, description = "The completed configuration form."),
    responses((status = 201, description = "Created.", body = Integration, headers(
        ("Location" = String, description = "The path of the integration."),
        ("ETag" = String, description = "The version of the configuration, for `If-Match`."),
    )))
)]
pub async fn create_integration(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let allowed = state.engine.allowed_for(caller.organisation());
    let form = input.body(Media::Json, false, |body| NewIntegration::parse(body, &allowed, now))?;
    command(state, &caller, input, form, |state, actor, form| async move {
        let integration = state.engine.create(&actor, form).await?;
        let location = format!("/v1/integrations/{}", integration.id);
        let headers = [(ETAG, entity_tag(integration.version))];
        let body = Json(Integration::new(integration, state.now()));
        Ok((StatusCode::CREATED, headers, [(LOCATION, location)], body).into_response())
    })
    .await
}
