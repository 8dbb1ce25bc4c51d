//! `GET /v1/checks/{check_id}`

use axum::Json;
use axum::extract::State;
use domain::checks;

use crate::AppState;
use crate::extract::{Caller, Id, NoInput};
use crate::problem::ApiError;
use crate::wire::check::Check;

/// Get a check
///
/// Includes the values that the organisation's policy gives it.
#[utoipa::path(
    get,
    path = "/v1/checks/{check_id}",
    tag = "checks",
    responses((status = 200, description = "The check.", body = Check))
)]
pub async fn get_check(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<String>,
    _: NoInput,
) -> Result<Json<Check>, ApiError> {
    let check = checks::find(&id).ok_or(ApiError::NotFound)?;
    let policy = state.store().get_policy(caller.organisation()).await?.policy;
    Ok(Json(Check::new(check, &policy)))
}
