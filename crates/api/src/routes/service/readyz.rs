//! `GET /readyz`

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Given;

use super::Health;
use crate::State;
use crate::problem::{ApiError, Cause};

/// The database answers by then, or it does not.
const PING_TIME: Duration = Duration::from_secs(2);
/// How soon to ask again, in seconds.
const RETRY_AFTER_S: u32 = 5;

/// Whether requests can be served
///
/// Depends on the database and on the keys that seal secrets, without which the process does not
/// start; never on Auth0.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses((status = 200, description = "They can.", body = Health))
)]
pub async fn readyz(Given(state): Given<State>) -> Result<Json<Health>, ApiError> {
    let cause: Cause = match tokio::time::timeout(PING_TIME, state.store().ping()).await {
        Ok(Ok(())) => return Ok(Json(Health { status: "ok" })),
        Ok(Err(error)) => Arc::new(error),
        Err(elapsed) => Arc::new(elapsed),
    };
    Err(ApiError::Unavailable {
        retry_after_s: RETRY_AFTER_S,
        detail: "The database does not answer at the moment.",
        cause: Some(cause),
    })
}
