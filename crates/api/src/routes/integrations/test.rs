//! `POST /v1/integrations/{integration_id}/connection-tests`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::IntegrationId;
use domain::form::IntegrationEdit;

use crate::AppState;
use crate::extract::{Admin, Id, Media, RequestInput};
use crate::openapi::params::IdempotencyKey;
use crate::problem::ApiError;
use crate::wire::connection_test::ConnectionTest;
use crate::wire::request::IntegrationChanges;

/// Test a saved connection, as saved or as edited
///
/// The body holds the changed fields only; no body, or an empty object, tests it as saved. Another
/// `api_identifier` or `client_id` needs the secret that belongs to it in the same body. Only a
/// test of what is saved is recorded in the history: `recorded` and `reason` say so. Needs the role
/// `admin`.
#[utoipa::path(
    post,
    path = "/v1/integrations/{integration_id}/connection-tests",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration."), IdempotencyKey),
    request_body(content = Option<IntegrationChanges>, description = "The changed fields."),
    responses((status = 200, description = "The report.", body = ConnectionTest,
        headers(("Idempotency-Replayed" = bool, description = "`true` when this is the answer of an earlier request."))))
)]
pub async fn test_integration(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let allowed = state.engine.allowed();
    let edit = input.body(Media::Json, true, |body| IntegrationEdit::parse(body, allowed, now))?;
    let ticket = input.idempotent_request(&caller);
    let edit = input.finish(edit)?;
    let engine = state.engine.clone();
    let work = async move {
        let answer = engine.test_saved(&caller.actor(), id, &edit).await?;
        Ok(Json(ConnectionTest::from(answer)).into_response())
    };
    state.run_idempotent(ticket, work).await
}
