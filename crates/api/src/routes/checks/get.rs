//! `GET /v1/checks/{check_id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::checks;

use crate::AppState;
use crate::extract::{Caches, Caller, Id, RequestInput, revalidate};
use crate::problem::ApiError;
use crate::wire::check::Check;
use crate::wire::params::IfNoneMatch;

/// Get a check
///
/// Includes the values that the organisation's policy gives it.
#[utoipa::path(
    get,
    path = "/v1/checks/{check_id}",
    tag = "checks",
    params(IfNoneMatch),
    responses(
        (status = 200, description = "The check.", body = Check,
            headers(("ETag" = String, description = "A weak tag of the response, for `If-None-Match`."))),
        (status = 304, description = "The response still has a tag named in `If-None-Match`.",
            headers(("ETag" = String, description = "The tag."))),
    )
)]
pub async fn get_check(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let if_none_match = input.if_none_match();
    input.reject_unknown()?;
    let check = checks::find(&id).ok_or(ApiError::NotFound)?;
    let policy = state.store().get_policy(caller.organisation()).await?.policy;
    let response = Json(Check::new(check, &policy)).into_response();
    revalidate(if_none_match.as_ref(), Caches::Private, response).await
}
