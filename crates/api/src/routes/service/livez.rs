//! `GET /livez`

use axum::Json;

use super::Health;

/// Liveness
///
/// The process is alive. Does not check dependencies, since a restart would not fix them.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "service",
    responses((status = 200, description = "The process is alive.", body = Health))
)]
pub async fn livez() -> Json<Health> {
    Json(Health { status: "ok", warnings: &[] })
}
