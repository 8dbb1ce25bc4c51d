//! `PUT /v1/policy`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::policy::Policy as Proposed;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput, entity_tag};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::policy::{Policy, PolicyInput};

/// Replace the policy
///
/// The body is the whole policy: what it does not name keeps the default of the catalogue. It takes effect at the
/// next sync of each integration. A policy equal to the current one changes nothing.
#[utoipa::path(
    put,
    path = "/v1/policy",
    tag = "policy",
    request_body(content = PolicyInput, description = "The whole policy."),
    responses((status = 200, description = "The new policy.", body = Policy,
        headers(("ETag" = String, description = "The version of the policy."))))
)]
pub async fn put_policy(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    if !input.has_header("if-match") {
        return Err(ApiError::PreconditionRequired);
    }
    let if_match = input.if_match();
    let policy = input.body(Media::Json, false, Proposed::parse)?;
    command(
        state,
        &caller,
        input,
        if_match.zip(policy),
        |state, actor, (if_match, policy)| async move {
            let policy = state.engine.put_policy(&actor, &if_match, &policy).await?;
            let headers = [(ETAG, entity_tag(policy.version))];
            Ok((headers, Json(Policy::from(policy))).into_response())
        },
    )
    .await
}
