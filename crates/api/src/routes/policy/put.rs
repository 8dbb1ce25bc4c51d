//! `PUT /v1/policy`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse, Response};
use domain::policy::Policy as Proposed;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Admin, Media, RequestInput, entity_tag};
use crate::openapi::params::IfMatch;
use crate::problem::ApiError;
use crate::wire::policy::{NewPolicy, Policy};

/// Put a policy in place
///
/// The whole of it: what the body does not name is as the catalogue has it. It takes effect with the
/// next sync of each integration. One that says the same as the present one changes nothing. Needs the
/// role `admin`.
#[utoipa::path(
    put,
    path = "/v1/policy",
    tag = "policy",
    params(IfMatch),
    request_body(content = NewPolicy, description = "The whole policy."),
    responses((status = 200, description = "The policy, in place.", body = Policy,
        headers(("ETag" = String, description = "The version of the policy."))))
)]
pub async fn put_policy(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    if !input.has_header("if-match") {
        return Err(ApiError::PreconditionRequired);
    }
    let if_match = input.if_match();
    let policy = input.body(Media::Json, false, Proposed::parse)?;
    let (if_match, policy) = input.finish(if_match.zip(policy))?;
    // Run to its end even when the client goes away: it is in place or not, with its audit.
    let engine = state.engine.clone();
    let work = async move { engine.put_policy(&caller.actor(), &if_match, &policy).await };
    let kept = crate::middleware::idempotency::run_detached(work).await??;
    let headers = [(ETAG, entity_tag(kept.version))];
    Ok((headers, Json(Policy::from(kept))).into_response())
}
