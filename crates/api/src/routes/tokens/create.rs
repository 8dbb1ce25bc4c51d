//! `POST /v1/token`

use axum::extract::State as Given;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, PRAGMA};

use crate::AppState;
use crate::extract::{Program, RequestInput};
use crate::middleware::ContainsSecret;
use crate::middleware::idempotency::run_detached;
use crate::problem::ApiError;
use crate::wire::credential::{AccessToken, NewToken, grant_faults};

/// Get an access token for an API credential
///
/// OAuth 2.0 client credentials (RFC 6749 section 4.4): the credential's id and secret as HTTP Basic.
/// The token is good for an hour, at most as long as its credential. Ask for a new one when it ends,
/// not for each request. After 10 wrong secrets for one id from one address within 15 minutes the answer is 429. `scope`
/// and other parameters are ignored. The answer is a secret, so `Idempotency-Key` is refused.
#[utoipa::path(
    post,
    path = "/v1/token",
    tag = "credentials",
    request_body(content = Option<NewToken>, description = "May be left out.", content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token.", body = AccessToken, headers(
        ("Cache-Control" = String, description = "`no-store`."),
        ("Pragma" = String, description = "`no-cache`."),
    )))
)]
pub async fn create_token(
    Given(state): Given<AppState>,
    Program { asked, credential }: Program,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    input.refuse_idempotency_key();
    let read = input.form(grant_faults)?;
    input.finish(read)?;
    let issue = async move { state.engine.issue_token(&asked, credential).await };
    let issued = run_detached(issue).await??;
    let headers = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, Extension(ContainsSecret), Json(AccessToken::from(issued))).into_response())
}
