//! `GET /readyz`

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use store::Readiness;

use super::Health;
use crate::AppState;
use crate::problem::{ApiError, Cause};

/// The database must answer within this time.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const RETRY_AFTER_S: u32 = 5;
const SILENT: &str = "The database does not answer at the moment.";

/// Readiness
///
/// Checks the database and that the encryption keys open one of the secrets stored last. Does not depend on Auth0.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses((status = 200, description = "The service can serve requests.", body = Health))
)]
pub async fn readyz(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    let checked = tokio::time::timeout(CHECK_TIMEOUT, state.store().check_readiness()).await;
    let (detail, cause): (_, Option<Cause>) = match checked {
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
