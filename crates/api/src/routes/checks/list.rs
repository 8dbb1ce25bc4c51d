//! `GET /v1/checks`

use axum::extract::State;
use axum::response::Response;
use domain::checks;

use crate::AppState;
use crate::extract::{Caches, Caller, RequestInput, revalidate};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::check::Check;
use crate::wire::params::{IfNoneMatch, Paging};

/// List checks
///
/// In the order of the documentation, parents before children, each with the values that the organisation's policy
/// gives it.
#[utoipa::path(
    get,
    path = "/v1/checks",
    tag = "checks",
    params(Paging, IfNoneMatch),
    responses(
        (status = 200, description = "A page.", body = Page<Check>,
            headers(("ETag" = String, description = "A weak tag of the response, for `If-None-Match`."))),
        (status = 304, description = "The response still has a tag named in `If-None-Match`.",
            headers(("ETag" = String, description = "The tag."))),
    )
)]
pub async fn list_checks(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<String>(&caller, "catalogue");
    let if_none_match = input.if_none_match();
    input.reject_unknown()?;
    let start = match &paging.after {
        None => 0,
        // The check was removed from the catalogue: start from the beginning.
        Some(id) => checks::all().position(|check| check.id == id).map_or(0, |at| at + 1),
    };
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let rest = checks::all().count().saturating_sub(start);
    let policy = state.store().get_policy(caller.organisation()).await?.policy;
    let shown = checks::all().skip(start).take(limit);
    let page = store::Page { items: shown.collect(), has_more: rest > limit };
    let position = |check: &&checks::Check| check.id.to_owned();
    let response = input.page(&paging, page, position, |check| Check::new(check, &policy));
    revalidate(if_none_match.as_ref(), Caches::Private, response).await
}
