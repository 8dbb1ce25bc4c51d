//! `POST /v1/integrations`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::form::NewIntegration;
use http::StatusCode;
use http::header::{ETAG, LOCATION};

use crate::AppState;
use crate::extract::{Admin, Media, RequestInput, entity_tag};
use crate::openapi::params::IdempotencyKey;
use crate::problem::ApiError;
use crate::wire::integration::Integration;
use crate::wire::request;

/// Save a connection
///
/// The connection is tested first. If the test fails nothing is saved, and the answer is the problem
/// `connection_test_failed` with the report. Needs the role `admin`.
#[utoipa::path(
    post,
    path = "/v1/integrations",
    tag = "integrations",
    params(IdempotencyKey),
    request_body(content = request::NewIntegration, description = "The form."),
    responses((status = 201, description = "Saved.", body = Integration, headers(
        ("Location" = String, description = "The path of the integration."),
        ("ETag" = String, description = "The version of the configuration, for `If-Match`."),
        ("Idempotency-Replayed" = bool, description = "`true` when this is the answer of an earlier request."),
    )))
)]
pub async fn create_integration(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let allowed = state.engine.allowed();
    let form = input.body(Media::Json, false, |body| NewIntegration::parse(body, allowed, now))?;
    let ticket = input.idempotent_request(&caller);
    let form = input.finish(form)?;
    let engine = state.engine.clone();
    let work = async move {
        let integration = engine.create(&caller.actor(), form).await?;
        let location = format!("/v1/integrations/{}", integration.id);
        let headers = [(ETAG, entity_tag(integration.version))];
        let body = Json(Integration::new(integration, engine.clock().now()));
        Ok((StatusCode::CREATED, headers, [(LOCATION, location)], body).into_response())
    };
    state.run_idempotent(ticket, work).await
}
