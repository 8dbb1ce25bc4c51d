//! `GET /livez`

use axum::Json;

use super::Health;

/// Whether the process answers
///
/// Says nothing of what it depends on: restarting it would not fix that.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "service",
    responses((status = 200, description = "It does.", body = Health))
)]
pub async fn livez() -> Json<Health> {
    Json(Health { status: "ok" })
}
