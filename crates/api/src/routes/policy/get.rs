//! `GET /v1/policy`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{RequestInput, Viewer, entity_tag, matches_none};
use crate::openapi::params::IfNoneMatch;
use crate::problem::ApiError;
use crate::wire::policy::Policy;

/// Read the organisation's policy
///
/// What it wants judged otherwise than the catalogue does. One that was never set has version 0 and is
/// empty. `GET /v1/checks` has what can be set, and what is in force.
#[utoipa::path(
    get,
    path = "/v1/policy",
    tag = "policy",
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The policy.", body = Policy,
            headers(("ETag" = String, description = "The version of the policy, for `If-Match`."))),
        (status = 304, description = "The policy still has the version of `If-None-Match`.",
            headers(("ETag" = String, description = "The version of the policy."))),
    )
)]
pub async fn get_policy(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.finish(Some(()))?;
    let policy = state.store().get_policy(caller.organisation()).await?;
    let headers = [(ETAG, entity_tag(policy.version))];
    if matches_none(if_none_match.as_ref(), policy.version) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(Policy::from(policy))).into_response())
}
