//! `GET /v1/api-credentials`

use axum::extract::State;
use axum::response::Response;
use domain::CredentialId;

use crate::AppState;
use crate::extract::{Caller, RequestInput};
use crate::problem::ApiError;
use crate::wire::Page;
use crate::wire::credential::ApiCredential;
use crate::wire::params::Paging;

/// List API credentials
///
/// Oldest first, without their secrets. Includes revoked and expired credentials for 90 days.
#[utoipa::path(
    get,
    path = "/v1/api-credentials",
    tag = "credentials",
    params(Paging),
    responses((status = 200, description = "A page.", body = Page<ApiCredential>))
)]
pub async fn list_api_credentials(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let paging = input.paging::<CredentialId>(&caller, "created_at");
    input.reject_unknown()?;
    let page = state.store().list_credentials(caller.organisation(), paging.query()).await?;
    Ok(input.page(&paging, page, |credential| credential.id, ApiCredential::from))
}
