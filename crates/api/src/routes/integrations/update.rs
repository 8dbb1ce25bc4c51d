//! `PATCH /v1/integrations/{integration_id}`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::IntegrationId;
use domain::form::IntegrationEdit;
use http::header::ETAG;

use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput, entity_tag};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::integration::Integration;
use crate::wire::request::IntegrationChanges;

/// Update an integration
///
/// A JSON Merge Patch (RFC 7396). Changed connection fields are tested before they are saved; if the test fails,
/// nothing is saved and the response is the problem `connection_test_failed` with the report. An absent or blank
/// secret stays unchanged. Another `api_identifier` or `client_id` needs its secret in the same body. A successful
/// update resumes a paused integration.
#[utoipa::path(
    patch,
    path = "/v1/integrations/{integration_id}",
    tag = "integrations",
    request_body(content = IntegrationChanges, content_type = "application/merge-patch+json",
        description = "The changed fields. `application/json` is accepted, too."),
    responses((status = 200, description = "Updated.", body = Integration,
        headers(("ETag" = String, description = "The new version of the configuration."))))
)]
pub async fn update_integration(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    if !input.has_header("if-match") {
        return Err(without_if_match(&state, &caller, id).await);
    }
    let if_match = input.if_match();
    let allowed = state.engine.allowed_for(caller.organisation());
    let edit =
        input.body(Media::MergePatch, false, |body| IntegrationEdit::parse(body, &allowed, now))?;
    command(
        state,
        &caller,
        input,
        if_match.zip(edit),
        |state, actor, (if_match, edit)| async move {
            let updated = state.engine.update(&actor, id, &if_match, &edit).await;
            let integration = updated.map_err(update_problem)?;
            let headers = [(ETAG, entity_tag(integration.version))];
            Ok((headers, Json(Integration::new(integration, state.now()))).into_response())
        },
    )
    .await
}

/// The error without `If-Match`. A missing or deleted integration takes precedence.
async fn without_if_match(state: &AppState, caller: &Caller, id: IntegrationId) -> ApiError {
    match state.store().find_integration(caller.organisation(), id, state.now()).await {
        Ok(Some(integration)) if integration.deleted_at.is_some() => {
            ApiError::IntegrationDeleted(id)
        }
        Ok(Some(_)) => ApiError::PreconditionRequired,
        Ok(None) => ApiError::NotFound,
        Err(error) => error.into(),
    }
}

fn update_problem(error: engine::Error) -> ApiError {
    match ApiError::from(error) {
        ApiError::ConnectionTestFailed { report, .. } => {
            ApiError::ConnectionTestFailed { report, reason: "changed_fields" }
        }
        other => other,
    }
}
