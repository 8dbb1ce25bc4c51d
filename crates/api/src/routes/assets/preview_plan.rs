//! `POST /v1/assets/{asset_id}/plan/preview`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::AssetId;
use domain::plan::Selection;

use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::plan_preview::{PlanPreview, PlanPreviewInput};

/// Preview chosen actions of a plan
///
/// Applies the actions to the latest snapshot, in the order of the plan, and compares: what resolves, what opens, and
/// the score. Nothing is sent to the tenant. An action that the present plan does not have is refused with 422.
#[utoipa::path(
    post,
    path = "/v1/assets/{asset_id}/plan/preview",
    tag = "assets",
    request_body(content = PlanPreviewInput, description = "The chosen actions."),
    responses((status = 200, description = "The effect of the actions.", body = PlanPreview))
)]
pub async fn preview_plan(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AssetId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let selection = input.body(Media::Json, false, Selection::parse)?;
    command(state, &caller, input, selection, move |state, actor, selection| async move {
        let organisation = &actor.organisation_id;
        let preview = state.engine.preview_plan(organisation, id, selection).await?;
        Ok(Json(PlanPreview::from(preview)).into_response())
    })
    .await
}
