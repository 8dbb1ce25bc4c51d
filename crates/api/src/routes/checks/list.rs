//! `GET /v1/checks`

use axum::extract::State as Given;
use axum::response::Response;
use domain::checks;

use crate::AppState;
use crate::extract::{RequestInput, Viewer};
use crate::openapi::params::Paging;
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::check::Check;

/// List the catalogue of checks
///
/// In the order of the documentation: parents before children. With what is in force for the caller's
/// organisation by its policy.
#[utoipa::path(
    get,
    path = "/v1/checks",
    tag = "checks",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<Check>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_checks(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<String>(&caller, "list_checks", "catalogue");
    input.finish(Some(()))?;
    let start = match &paging.after {
        None => 0,
        // A check that has left the catalogue since then: the list starts again.
        Some(id) => checks::all().position(|check| check.id == id).map_or(0, |at| at + 1),
    };
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let rest = checks::all().count().saturating_sub(start);
    let policy = state.store().get_policy(caller.organisation()).await?.policy;
    let shown = checks::all().skip(start).take(limit);
    let items: Vec<Check> = shown.map(|check| Check::new(check, &policy)).collect();
    let last = items.last().filter(|_| rest > limit).map(|check| check.id.to_owned());
    Ok(input.page(&paging, &items, last))
}
