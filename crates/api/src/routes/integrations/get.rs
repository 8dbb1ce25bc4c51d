//! `GET /v1/integrations/{integration_id}`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::IntegrationId;
use http::StatusCode;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer, entity_tag, matches_none};
use crate::openapi::params::IfNoneMatch;
use crate::problem::ApiError;
use crate::wire::integration::Integration;

/// Read one saved connection
///
/// Never its secret. A deleted one is readable for 90 days with `state: deleted`.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration."), IfNoneMatch),
    responses(
        (status = 200, description = "The integration.", body = Integration,
            headers(("ETag" = String, description = "The version of the configuration, for `If-Match`."))),
        (status = 304, description = "The configuration still has the version of `If-None-Match`.",
            headers(("ETag" = String, description = "The version of the configuration."))),
    )
)]
pub async fn get_integration(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.finish(Some(()))?;
    let now = state.now();
    let found = state.store().find_integration(caller.organisation(), id, now).await?;
    let integration = found.ok_or(ApiError::NotFound)?;
    let headers = [(ETAG, entity_tag(integration.version))];
    if matches_none(if_none_match.as_ref(), integration.version) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(Integration::new(integration, now))).into_response())
}
