//! `PUT /v1/findings/{finding_id}/acceptance`

use axum::Json;
use axum::extract::State as Given;
use domain::FindingId;
use domain::acceptance::AcceptanceTerms;

use super::get::load_finding;
use crate::AppState;
use crate::extract::{Admin, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::wire::acceptance::NewAcceptance;
use crate::wire::finding::Finding;

/// Accept a finding
///
/// It stays accepted through syncs, also when it is resolved and comes back, until the acceptance
/// expires or is taken back. Accepting it again replaces the acceptance. A resolved finding is not
/// accepted (`finding_not_open`). Needs the role `admin`.
#[utoipa::path(
    put,
    path = "/v1/findings/{finding_id}/acceptance",
    tag = "findings",
    params(("finding_id" = Uuid, Path, description = "The finding.")),
    request_body(content = NewAcceptance, description = "On which terms."),
    responses((status = 200, description = "The finding, accepted.", body = Finding))
)]
pub async fn accept_finding(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    Id(id): Id<FindingId>,
    mut input: RequestInput,
) -> Result<Json<Finding>, ApiError> {
    let now = state.now();
    let terms = input.body(Media::Json, false, |body| AcceptanceTerms::parse(body, now))?;
    let terms = input.finish(terms)?;
    let (engine, actor) = (state.engine.clone(), caller.actor());
    crate::middleware::idempotency::run_detached(
        async move { engine.accept(&actor, id, terms).await },
    )
    .await??;
    load_finding(&state, caller.organisation(), id).await
}
