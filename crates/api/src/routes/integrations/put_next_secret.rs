//! `PUT /v1/integrations/{integration_id}/next-secret`

use axum::Json;
use axum::extract::State as Given;
use domain::IntegrationId;
use domain::form::NewNextSecret;

use crate::AppState;
use crate::extract::{Admin, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::wire::integration::Integration;
use crate::wire::request::NextSecret;

/// Put the next client secret
///
/// For a rotation without a gap: put the new secret here, then rotate it in Auth0. As soon as Auth0
/// refuses the present secret, a sync or a connection test tries the next one, and what Auth0 accepts
/// becomes the present secret (an `update` of the history by `system`, and a new `ETag`). It is not tested
/// now, because Auth0 need not accept it yet, and the `ETag` stays. It replaces a next secret that waits
/// already. A `PATCH` with a `client_secret` drops it. Needs the role `admin`.
#[utoipa::path(
    put,
    path = "/v1/integrations/{integration_id}/next-secret",
    tag = "integrations",
    params(("integration_id" = Uuid, Path, description = "The integration.")),
    request_body(content = NextSecret, description = "The secret to come."),
    responses((status = 200, description = "The integration, with `next_set`.", body = Integration))
)]
pub async fn put_next_secret(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Json<Integration>, ApiError> {
    let now = state.now();
    let next = input.body(Media::Json, false, |body| NewNextSecret::parse(body, now))?;
    let next = input.finish(next)?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    let work = async move { engine.put_next_secret(&actor, id, next).await };
    let integration = crate::middleware::idempotency::run_detached(work).await??;
    Ok(Json(Integration::new(integration, state.now())))
}
