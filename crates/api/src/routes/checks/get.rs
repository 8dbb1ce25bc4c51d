//! `GET /v1/checks/{check_id}`

use axum::Json;
use domain::checks;

use crate::extract::{Id, Input, Viewer};
use crate::problem::ApiError;
use crate::wire::check::Check;

/// Open one check
#[utoipa::path(
    get,
    path = "/v1/checks/{check_id}",
    tag = "checks",
    params(("check_id" = String, Path, description = "The check.", example = "brute-force-protection-off")),
    responses((status = 200, description = "The check.", body = Check))
)]
pub async fn get_check(
    _: Viewer,
    Id(id): Id<String>,
    mut input: Input,
) -> Result<Json<Check>, ApiError> {
    input.finish(Some(()))?;
    Ok(Json(checks::find(&id).ok_or(ApiError::NotFound)?.into()))
}
