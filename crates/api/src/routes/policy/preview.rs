//! `POST /v1/policy/preview`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::IntegrationId;
use domain::policy::{INTEGRATIONS_MAX, Proposal};

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput};
use crate::pagination::{Cursor, PageLimits};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::params::PreviewPaging;
use crate::wire::policy_preview::{PolicyPreview, PolicyPreviewInput};

/// Integrations on one page when the body does not name them.
const PAGE_DEFAULT: u32 = 20;
/// As many as a proposal can name.
const PAGE_MAX: u32 = 100;
const _: () = assert!(PAGE_MAX as usize == INTEGRATIONS_MAX);

/// Preview a policy
///
/// Evaluates the latest snapshot of each integration by the current and by the proposed policy, both with the current
/// checks. Does not call Auth0 and changes nothing.
#[utoipa::path(
    post,
    path = "/v1/policy/preview",
    tag = "policy",
    params(PreviewPaging),
    request_body(content = PolicyPreviewInput, description = "The proposed policy, and optionally the integrations."),
    responses((status = 200, description = "The changes for each integration.", body = PolicyPreview))
)]
pub async fn preview_policy(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let proposal = input.body(Media::Json, false, Proposal::parse)?;
    let names_them = proposal.as_ref().is_some_and(|each| each.integration_ids.is_some());
    let default = if names_them { PAGE_MAX } else { PAGE_DEFAULT };
    let sizes = PageLimits { default, max: PAGE_MAX };
    let paging = input.paging_by_body::<IntegrationId>(&caller, sizes);
    command(state, &caller, input, proposal, |state, actor, proposal| async move {
        let organisation = &actor.organisation_id;
        let page = state.engine.preview_policy(organisation, &proposal, paging.query()).await?;
        let next = page.last.map(|last| Cursor::write(&last, &paging.scope));
        Ok(Json(PolicyPreview::new(page, next)).into_response())
    })
    .await
}
