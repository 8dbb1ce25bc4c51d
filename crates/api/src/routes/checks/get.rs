//! `GET /v1/checks/{check_id}`

use axum::Json;
use axum::extract::State as Given;
use domain::checks;

use crate::AppState;
use crate::extract::{Id, RequestInput, Viewer};
use crate::problem::ApiError;
use crate::wire::check::Check;

/// Open one check
///
/// With what is in force for the caller's organisation by its policy.
#[utoipa::path(
    get,
    path = "/v1/checks/{check_id}",
    tag = "checks",
    params(("check_id" = String, Path, description = "The check.", example = "brute-force-protection-off")),
    responses((status = 200, description = "The check.", body = Check))
)]
pub async fn get_check(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    Id(id): Id<String>,
    mut input: RequestInput,
) -> Result<Json<Check>, ApiError> {
    input.finish(Some(()))?;
    let check = checks::find(&id).ok_or(ApiError::NotFound)?;
    let policy = state.store().get_policy(caller.organisation()).await?.policy;
    Ok(Json(Check::new(check, &policy)))
}
