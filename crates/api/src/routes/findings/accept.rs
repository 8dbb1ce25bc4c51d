//! `PUT /v1/findings/{finding_id}/acceptance`

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::FindingId;
use domain::acceptance::AcceptanceTerms;

use super::get::load_finding;
use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::acceptance::AcceptanceInput;
use crate::wire::finding::Finding;

/// Accept a finding
///
/// It stays accepted through syncs, even if it is resolved and opens again, until the acceptance expires or is
/// revoked. Accepting it again replaces the acceptance. A resolved finding cannot be accepted (`finding_not_open`).
#[utoipa::path(
    put,
    path = "/v1/findings/{finding_id}/acceptance",
    tag = "findings",
    request_body(content = AcceptanceInput, description = "The terms of the acceptance."),
    responses((status = 200, description = "The finding, accepted.", body = Finding))
)]
pub async fn accept_finding(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FindingId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let terms = input.body(Media::Json, false, |body| AcceptanceTerms::parse(body, now))?;
    command(state, &caller, input, terms, |state, actor, terms| async move {
        state.engine.accept(&actor, id, terms).await?;
        let finding = load_finding(&state, &actor.organisation_id, id).await?;
        Ok(finding.into_response())
    })
    .await
}
