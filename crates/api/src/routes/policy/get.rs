//! `GET /v1/policy`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Caller, RequestInput, entity_tag, matches_none};
use crate::problem::ApiError;
use crate::wire::params::IfNoneMatch;
use crate::wire::policy::Policy;

/// Get the policy
///
/// The organisation's changes to severities and thresholds. A policy that was never set is empty and has version 0.
/// `GET /v1/checks` lists what can be set and the values in force.
#[utoipa::path(
    get,
    path = "/v1/policy",
    tag = "policy",
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The policy.", body = Policy,
            headers(("ETag" = String, description = "The version of the policy, for `If-Match`."))),
        (status = 304, description = "The policy still has a version named in `If-None-Match`.",
            headers(("ETag" = String, description = "The version of the policy."))),
    )
)]
pub async fn get_policy(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.reject_unknown()?;
    let policy = state.store().get_policy(caller.organisation()).await?;
    let headers = [(ETAG, entity_tag(policy.version))];
    if matches_none(if_none_match.as_ref(), &policy.version.to_string()) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(Policy::from(policy))).into_response())
}
