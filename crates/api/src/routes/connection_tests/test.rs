//! `POST /v1/connection-tests`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::form::NewIntegration;

use crate::AppState;
use crate::extract::{Admin, Media, RequestInput};
use crate::openapi::params::IdempotencyKey;
use crate::problem::ApiError;
use crate::wire::connection_test::ConnectionTest;
use crate::wire::request;

/// Test a connection that is not saved
///
/// Answers 200 with a report whether the tenant accepts the configuration or not: `outcome` says.
/// Nothing is recorded. Needs the role `admin`.
#[utoipa::path(
    post,
    path = "/v1/connection-tests",
    tag = "configuration",
    params(IdempotencyKey),
    request_body(content = request::NewIntegration, description = "The form as it would be saved."),
    responses((status = 200, description = "The report.", body = ConnectionTest,
        headers(("Idempotency-Replayed" = bool, description = "`true` when this is the answer of an earlier request."))))
)]
pub async fn test_connection(
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
        let answer = engine.test_new(&caller.actor(), &form).await?;
        Ok(Json(ConnectionTest::from(answer)).into_response())
    };
    state.run_idempotent(ticket, work).await
}
