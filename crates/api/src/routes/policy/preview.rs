//! `POST /v1/policy/preview`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse as _, Response};
use domain::IntegrationId;
use domain::policy::{INTEGRATIONS_MAX, Proposal};
use store::PageQuery;

use crate::AppState;
use crate::extract::{Media, RequestInput, Viewer};
use crate::openapi::params::{IdempotencyKey, PreviewPaging};
use crate::pagination::{Cursor, PageLimits};
use crate::problem::ApiError;
use crate::wire::policy_preview::{NewPolicyPreview, PolicyPreview};

/// Integrations of one answer, unless the client says otherwise or names them.
const PAGE_DEFAULT: u32 = 20;
/// As many as a proposal may name.
const PAGE_MAX: u32 = 100;
const _: () = assert!(PAGE_MAX as usize == INTEGRATIONS_MAX);

/// Try a policy
///
/// What it would make of each integration: the latest snapshot that is kept is judged by the present
/// policy and by the proposed one, both with today's checks. Auth0 is not called, and nothing changes.
#[utoipa::path(
    post,
    path = "/v1/policy/preview",
    tag = "policy",
    params(IdempotencyKey, PreviewPaging),
    request_body(content = NewPolicyPreview, description = "The policy to try, and on which integrations."),
    responses((status = 200, description = "What it would make of them.", body = PolicyPreview,
        headers(("Idempotency-Replayed" = bool, description = "`true` when this is the answer of an earlier request."))))
)]
pub async fn preview_policy(
    Given(state): Given<AppState>,
    Viewer(caller): Viewer,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let proposal = input.body(Media::Json, false, Proposal::parse)?;
    let names_them = proposal.as_ref().is_some_and(|each| each.integration_ids.is_some());
    let default = if names_them { PAGE_MAX } else { PAGE_DEFAULT };
    let sizes = PageLimits { default, max: PAGE_MAX };
    let paging = input.paging_by_body::<IntegrationId>(&caller, "preview_policy", sizes);
    let ticket = input.idempotent_request(&caller);
    let proposal = input.finish(proposal)?;
    let engine = state.engine.clone();
    let work = async move {
        let slice = PageQuery { limit: paging.limit, after: paging.after };
        let page = engine.preview_policy(caller.organisation(), &proposal, slice).await?;
        let next = page.last.map(|last| Cursor::write(&last, &paging.scope));
        Ok(Json(PolicyPreview::new(page, next)).into_response())
    };
    state.run_idempotent(ticket, work).await
}
