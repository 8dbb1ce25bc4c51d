//! `POST /v1/findings/bulk-acceptance`

use axum::Json;
use axum::extract::State as Given;
use axum::response::{IntoResponse as _, Response};
use domain::acceptance::BulkAcceptance;
use store::AcceptOutcome;

use crate::AppState;
use crate::extract::{Admin, Media, RequestInput};
use crate::openapi::params::IdempotencyKey;
use crate::problem::ApiError;
use crate::wire::acceptance::{BulkAcceptanceResult, BulkAcceptanceResults, NewBulkAcceptance};

/// Accept many findings
///
/// On the same terms, at most 500. The answer is 200 whatever became of each: look at `results`, one
/// for each id in the order of the request. All that can be accepted are, in one transaction. Needs
/// the role `admin`.
#[utoipa::path(
    post,
    path = "/v1/findings/bulk-acceptance",
    tag = "findings",
    params(IdempotencyKey),
    request_body(content = NewBulkAcceptance, description = "Which findings, and on which terms."),
    responses((status = 200, description = "What became of each.", body = BulkAcceptanceResults,
        headers(("Idempotency-Replayed" = bool, description = "`true` when this is the answer of an earlier request."))))
)]
pub async fn bulk_accept_findings(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let now = state.now();
    let bulk = input.body(Media::Json, false, |body| BulkAcceptance::parse(body, now))?;
    let ticket = input.idempotent_request(&caller);
    let bulk = input.finish(bulk)?;
    let engine = state.engine.clone();
    let work = async move {
        let ids = bulk.finding_ids.clone();
        let outcomes = engine.accept_many(&caller.actor(), bulk).await?;
        let outcome_of = |id| outcomes.get(id).copied().unwrap_or(AcceptOutcome::Missing);
        let results = ids.iter().map(|id| BulkAcceptanceResult::new(*id, outcome_of(id)));
        Ok(Json(BulkAcceptanceResults { results: results.collect() }).into_response())
    };
    state.run_idempotent(ticket, work).await
}
