//! `GET /v1/checks`

use axum::response::Response;
use domain::checks;

use crate::extract::{Input, Viewer};
use crate::openapi::params::Paging;
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::check::Check;

/// List the catalogue of checks
///
/// In the order of the documentation: parents before children.
#[utoipa::path(
    get,
    path = "/v1/checks",
    tag = "checks",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<Check>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_checks(Viewer(caller): Viewer, mut input: Input) -> Result<Response, ApiError> {
    let paging = input.paging::<String>(&caller, "list_checks", "catalogue");
    input.finish(Some(()))?;
    let start = match &paging.after {
        None => 0,
        // A check that has left the catalogue since then: the list starts again.
        Some(id) => checks::all().position(|check| check.id == id).map_or(0, |at| at + 1),
    };
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let rest = checks::all().count().saturating_sub(start);
    let items: Vec<Check> = checks::all().skip(start).take(limit).map(Check::from).collect();
    let last = items.last().filter(|_| rest > limit).map(|check| check.id.to_owned());
    Ok(input.page(&paging, &items, last))
}
