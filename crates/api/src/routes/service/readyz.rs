//! `GET /readyz`

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Given;
use store::Readiness;

use super::Health;
use crate::AppState;
use crate::problem::{ApiError, Cause};

/// The database answers by then, or it does not.
const LOOK_TIME: Duration = Duration::from_secs(2);
/// How soon to ask again, in seconds.
const RETRY_AFTER_S: u32 = 5;
const SILENT: &str = "The database does not answer at the moment.";

/// Whether requests can be served
///
/// Depends on the database and on the keys that seal secrets: they have to open one of those that were set
/// last. Never on Auth0.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses((status = 200, description = "They can.", body = Health))
)]
pub async fn readyz(Given(state): Given<AppState>) -> Result<Json<Health>, ApiError> {
    let looked = tokio::time::timeout(LOOK_TIME, state.store().check_readiness()).await;
    let (detail, cause): (_, Option<Cause>) = match looked {
        Ok(Ok(Readiness::Ready)) => return Ok(Json(Health { status: "ok" })),
        Ok(Ok(Readiness::WrongKeys)) => {
            tracing::error!("the encryption keys open none of the secrets that were set last");
            ("The encryption keys do not open what is stored: see safe-auth0 keys status.", None)
        }
        Ok(Err(error)) => (SILENT, Some(Arc::new(error))),
        Err(elapsed) => (SILENT, Some(Arc::new(elapsed))),
    };
    Err(ApiError::Unavailable { retry_after_s: RETRY_AFTER_S, detail, cause })
}
