//! `POST /v1/api-credentials`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::credential::NewCredential;
use http::StatusCode;
use http::header::LOCATION;

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::credential::{ApiCredentialInput, CreatedApiCredential};

/// Create an API credential
///
/// Only this response has the secret, so `Idempotency-Key` is refused. At most 50 active credentials. An API
/// credential can create others, which expire no later than it does.
#[utoipa::path(
    post,
    path = "/v1/api-credentials",
    tag = "credentials",
    request_body(content = ApiCredentialInput, description = "Name, role and expiry."),
    responses((status = 201, description = "Created.", body = CreatedApiCredential, headers(
        ("Location" = String, description = "The path of the credential."),
    )))
)]
pub async fn create_api_credential(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let (now, at_most) = (state.now(), caller.ends_at);
    let new = input.body(Media::Json, false, |body| NewCredential::parse(body, now, at_most))?;
    command(state, &caller, input, new, |state, actor, new| async move {
        let (credential, secret) = state.engine.create_credential(&actor, new).await?;
        let location = format!("/v1/api-credentials/{}", credential.id);
        let body = Json(CreatedApiCredential::new(credential, &secret));
        Ok((StatusCode::CREATED, [(LOCATION, location)], body).into_response())
    })
    .await
}
