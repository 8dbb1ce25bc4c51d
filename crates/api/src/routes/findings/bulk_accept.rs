//! `POST /v1/findings/bulk-acceptance`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::acceptance::BulkAcceptance;
use store::AcceptOutcome;

use crate::AppState;
use crate::extract::{Caller, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::acceptance::{BulkAcceptanceInput, BulkAcceptanceResult, BulkAcceptanceResults};

/// Accept several findings
///
/// On the same terms, 500 at most. All that can be accepted are, in one transaction. The response is always 200: see
/// `results`, one for each id in the order of the request.
#[utoipa::path(
    post,
    path = "/v1/findings/bulk-acceptance",
    tag = "findings",
    request_body(content = BulkAcceptanceInput, description = "The findings, and the terms of the acceptance."),
    responses((status = 200, description = "The outcome for each finding.", body = BulkAcceptanceResults))
)]
pub async fn bulk_accept_findings(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let bulk = input.body(Media::Json, false, |body| BulkAcceptance::parse(body, now))?;
    command(state, &caller, input, bulk, |state, actor, bulk| async move {
        let ids = bulk.finding_ids.clone();
        let outcomes = state.engine.accept_many(&actor, bulk).await?;
        let outcome_of = |id| outcomes.get(id).copied().unwrap_or(AcceptOutcome::Missing);
        let results = ids.iter().map(|id| BulkAcceptanceResult::new(*id, outcome_of(id)));
        Ok(Json(BulkAcceptanceResults { results: results.collect() }).into_response())
    })
    .await
}
