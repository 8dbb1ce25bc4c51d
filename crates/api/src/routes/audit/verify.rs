//! `GET /v1/audit/verify`

use axum::Json;
use axum::extract::State as Given;

use crate::AppState;
use crate::extract::{Admin, RequestInput};
use crate::openapi::params::AuditStart;
use crate::problem::ApiError;
use crate::wire::audit::AuditVerification;

/// Rows that one request looks at: a second or so.
const ROWS_MAX: i64 = 50_000;

/// Verify that the audit is whole
///
/// Walks the hash chain of the organisation. Of a long one it walks a part, says where to go on, and
/// leaves `intact` null. What is said is said of the rows that were looked at: `first_seq` to `last_seq`. Needs the role `admin`.
#[utoipa::path(
    get,
    path = "/v1/audit/verify",
    tag = "audit",
    params(AuditStart),
    responses((status = 200, description = "What was found.", body = AuditVerification))
)]
pub async fn verify_audit(
    Given(state): Given<AppState>,
    Admin(caller): Admin,
    mut input: RequestInput,
) -> Result<Json<AuditVerification>, ApiError> {
    let from_seq = input.position("from_seq").unwrap_or(1);
    input.finish(Some(()))?;
    let found = state.store().verify_audit(caller.organisation(), from_seq, ROWS_MAX).await?;
    Ok(Json(AuditVerification::new(found, from_seq)))
}
