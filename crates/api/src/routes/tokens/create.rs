//! `POST /v1/token`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, PRAGMA};

use crate::AppState;
use crate::extract::{Program, RequestInput};
use crate::middleware::idempotency::run_detached;
use crate::problem::ApiError;
use crate::wire::credential::{AccessToken, TokenInput, grant_faults};

/// Create an access token
///
/// OAuth 2.0 client credentials (RFC 6749 section 4.4): send id and secret of an API credential as HTTP Basic. A
/// token is valid for one hour, or until its credential expires. Reuse it until then. After 10 wrong secrets for one
/// id from one address within 15 minutes the response is 429. `scope` and other parameters are ignored. The response
/// has a secret, so `Idempotency-Key` is refused.
#[utoipa::path(
    post,
    path = "/v1/token",
    tag = "credentials",
    request_body(content = Option<TokenInput>, description = "Optional.", content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token.", body = AccessToken, headers(
        ("Cache-Control" = String, description = "`no-store`."),
        ("Pragma" = String, description = "`no-cache`."),
    )))
)]
pub async fn create_token(
    State(state): State<AppState>,
    Program { asked, credential }: Program,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let read = input.form(grant_faults)?;
    input.finish(read)?;
    let issue = async move { state.engine.issue_token(&asked, credential).await };
    let issued = run_detached(issue).await??;
    let headers = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, Json(AccessToken::from(issued))).into_response())
}
