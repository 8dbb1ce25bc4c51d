//! `GET /readyz`

use axum::Json;
use axum::extract::State;

use super::Health;
use crate::AppState;
use crate::problem::{ApiError, Cause};
use crate::readiness::Probed;

const RETRY_AFTER_S: u32 = 5;
const UNNAMED_PROXY: &str = "A peer that is not in SAFE_AUTH0_TRUSTED_PROXIES sends forwarding headers, which are \
    ignored: the log names it. If it is your proxy, all of its clients share the limits of one address.";
const SILENT: &str = "The database does not answer at the moment.";

/// Readiness
///
/// Checks the database and that the encryption keys open what is stored, once a second at most. Does not depend on Auth0.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    responses((status = 200, description = "The service can serve requests.", body = Health))
)]
pub async fn readyz(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    let (detail, cause): (_, Option<Cause>) = match state.readiness.check(&state.engine).await {
        Probed::Ready => {
            let authenticator = &state.authenticator;
            let is_unnamed =
                authenticator.rates.unnamed_proxies.is_recent(authenticator.clock.now());
            let warnings: &[_] = if is_unnamed { &[UNNAMED_PROXY] } else { &[] };
            return Ok(Json(Health { status: "ok", warnings }));
        }
        Probed::WrongKeys => {
            ("The encryption keys do not open what is stored: see safe-auth0 keys status.", None)
        }
        Probed::Silent(cause) => (SILENT, Some(cause)),
    };
    Err(ApiError::Unavailable { retry_after_s: RETRY_AFTER_S, detail, cause })
}
