//! `GET /v1/integrations/{integration_id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::IntegrationId;
use http::StatusCode;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput, entity_tag, matches_none};
use crate::problem::ApiError;
use crate::wire::integration::Integration;
use crate::wire::params::IfNoneMatch;

/// Get an integration
///
/// Never includes the client secret. A deleted integration can be read for 90 days, with `state: deleted`.
#[utoipa::path(
    get,
    path = "/v1/integrations/{integration_id}",
    tag = "integrations",
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The integration.", body = Integration,
            headers(("ETag" = String, description = "The version of the configuration, for `If-Match`."))),
        (status = 304, description = "The configuration still has a version named in `If-None-Match`.",
            headers(("ETag" = String, description = "The version of the configuration."))),
    )
)]
pub async fn get_integration(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.reject_unknown()?;
    let now = state.now();
    let found = state.store().find_integration(caller.organisation(), id, now).await?;
    let integration = found.ok_or(ApiError::NotFound)?;
    let headers = [(ETAG, entity_tag(integration.version))];
    if matches_none(if_none_match.as_ref(), &integration.version.to_string()) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(Integration::new(integration, now))).into_response())
}
