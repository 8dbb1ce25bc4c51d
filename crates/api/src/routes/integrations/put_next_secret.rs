//! `PUT /v1/integrations/{integration_id}/next-secret`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::IntegrationId;
use domain::form::NewNextSecret;

use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::integration::Integration;
use crate::wire::request::NextSecret;

/// Set the next client secret
///
/// For a rotation without a gap: set the new secret here, then rotate it in Auth0. When Auth0 refuses the current
/// secret, a sync or connection test tries the next one; if Auth0 accepts it, it becomes the current secret (an
/// `update` by `system` in the history, and a new `ETag`). The next secret is not tested now, because Auth0 may not
/// accept it yet, and the `ETag` stays the same. It replaces an earlier next secret. A `PATCH` with a `client_secret`
/// removes it.
#[utoipa::path(
    put,
    path = "/v1/integrations/{integration_id}/next-secret",
    tag = "integrations",
    request_body(content = NextSecret, description = "The next secret."),
    responses((status = 200, description = "The integration, with `next_set`.", body = Integration))
)]
pub async fn put_next_secret(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let next = input.body(Media::Json, false, |body| NewNextSecret::parse(body, now))?;
    command(state, &caller, input, next, |state, actor, next| async move {
        let integration = state.engine.put_next_secret(&actor, id, next).await?;
        Ok(Json(Integration::new(integration, state.now())).into_response())
    })
    .await
}
