//! `GET /v1/api-credentials`

use axum::extract::State as Given;
use axum::response::Response;
use domain::CredentialId;
use store::PageQuery;

use crate::AppState;
use crate::extract::{Admin, RequestInput};
use crate::openapi::params::Paging;
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::credential::ApiCredential;

/// List the API credentials
///
/// Oldest first, never their secrets; revoked and expired ones for 90 days. Needs the role `admin`.
#[utoipa::path(
    get,
    path = "/v1/api-credentials",
    tag = "credentials",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<ApiCredential>,
        headers(("Link" = String, description = "The next page, `rel=\"next\"`."))))
)]
pub async fn list_api_credentials(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<CredentialId>(&caller, "list_api_credentials", "created_at");
    input.finish(Some(()))?;
    let slice = PageQuery { limit: paging.limit, after: paging.after };
    let page = state.store().list_credentials(caller.organisation(), slice).await?;
    let last = page.items.last().filter(|_| page.has_more).map(|credential| credential.id);
    let items: Vec<_> = page.items.into_iter().map(ApiCredential::from).collect();
    Ok(input.page(&paging, &items, last))
}
