//! `GET /v1/audit/verify`

use axum::Json;
use axum::extract::State;

use crate::AppState;
use crate::extract::{Caller, RequestInput};
use crate::problem::ApiError;
use crate::wire::audit::AuditVerification;
use crate::wire::params::AuditStart;

/// Rows verified by one request, in about a second.
const ROWS_MAX: i64 = 50_000;

/// Verify the audit
///
/// Verifies the hash chain of the organisation. A long chain is verified in parts: the response says where to
/// continue, and `intact` is null. The result covers the rows `first_seq` to `last_seq`. Events that retention deleted
/// are covered by a sealed checkpoint, from which the chain goes on.
#[utoipa::path(
    get,
    path = "/v1/audit/verify",
    tag = "audit",
    params(AuditStart),
    responses((status = 200, description = "The result.", body = AuditVerification))
)]
pub async fn verify_audit(
    State(state): State<AppState>,
    caller: Caller,
    mut input: RequestInput,
) -> Result<Json<AuditVerification>, ApiError> {
    let from_seq = input.position("from_seq").unwrap_or(1);
    input.reject_unknown()?;
    let found = state.engine.verify_audit(caller.organisation(), from_seq, ROWS_MAX).await?;
    Ok(Json(AuditVerification::new(found, from_seq)))
}
