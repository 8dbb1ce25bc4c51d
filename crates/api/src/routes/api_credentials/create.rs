//! `POST /v1/api-credentials`

use axum::extract::State as Given;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use domain::credential::NewCredential;
use http::StatusCode;
use http::header::LOCATION;

use crate::AppState;
use crate::extract::{Admin, Media, RequestInput};
use crate::middleware::ContainsSecret;
use crate::problem::ApiError;
use crate::wire::credential::{CreatedApiCredential, NewApiCredential};

/// Make an API credential
///
/// The answer has the secret, once and never again, so `Idempotency-Key` is refused. At most 50 living
/// ones. A credential can make others, none of which outlives it. Needs the role `admin`.
#[utoipa::path(
    post,
    path = "/v1/api-credentials",
    tag = "credentials",
    request_body(content = NewApiCredential, description = "For what, and for how long."),
    responses((status = 201, description = "Made.", body = CreatedApiCredential, headers(
        ("Location" = String, description = "The path of the credential."),
    )))
)]
pub async fn create_api_credential(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let (now, at_most) = (state.now(), caller.ends_at());
    let new = input.body(Media::Json, false, |body| NewCredential::parse(body, now, at_most))?;
    input.refuse_idempotency_key();
    let new = input.finish(new)?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    let made = async move { engine.create_credential(&actor, new).await };
    let (credential, secret) = crate::middleware::idempotency::run_detached(made).await??;
    let location = format!("/v1/api-credentials/{}", credential.id);
    let body = Json(CreatedApiCredential::new(credential, &secret));
    let secret = Extension(ContainsSecret);
    Ok((StatusCode::CREATED, [(LOCATION, location)], secret, body).into_response())
}
