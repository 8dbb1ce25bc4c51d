//! Acceptance of findings: request schemas (read by `domain::acceptance`) and responses.

use domain::{FindingId, acceptance as of};
use http::StatusCode;
use serde::Serialize;
use store::AcceptOutcome;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Timestamp, wire_enum};
use crate::problem::ProblemKind;

wire_enum! {
    /// Why a finding is accepted. With `wont_fix` it still counts as failing in the score.
    AcceptanceReason of of::Reason
}

/// Why a finding is accepted, who accepted it, and until when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "reason": "compensating_controls", "rationale": "The firewall in front of the tenant limits attempts.",
    "expires_at": "2099-12-31T00:00:00.000000Z", "accepted_by": "ada@acme.example", "accepted_at": "2026-11-24T06:10:00.000000Z"
}))]
pub struct Acceptance {
    pub reason: AcceptanceReason,
    /// The justification, as the user wrote it.
    pub rationale: String,
    /// The finding reopens at this instant. Null: the acceptance does not expire.
    pub expires_at: Option<Timestamp>,
    /// E-mail address of the user.
    pub accepted_by: String,
    pub accepted_at: Timestamp,
}

impl From<of::Acceptance> for Acceptance {
    fn from(acceptance: of::Acceptance) -> Self {
        let of::Acceptance { terms, accepted_by, accepted_at } = acceptance;
        let of::AcceptanceTerms { reason, rationale, expires_at } = terms;
        Self {
            reason: reason.into(),
            rationale,
            expires_at: expires_at.map(Timestamp),
            accepted_by,
            accepted_at: accepted_at.into(),
        }
    }
}

/// Terms of an acceptance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "compensating_controls", "rationale": "The firewall in front of the tenant limits attempts.",
    "expires_at": "2099-12-31T00:00:00.000000Z"
}))]
pub struct AcceptanceInput {
    pub reason: AcceptanceReason,
    /// The justification. Surrounding spaces are trimmed; the rest must not be empty.
    #[schema(min_length = 1, max_length = 2000)]
    pub rationale: String,
    /// Must be in the future. The finding reopens at this instant. Null or absent: the acceptance does not
    /// expire.
    pub expires_at: Option<Timestamp>,
}

/// One acceptance for many findings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "finding_ids": ["01996e1f-2d77-7c10-a1b2-3c4d5e6f7081"], "reason": "wont_fix",
    "rationale": "The tenant is switched off at the end of the year.", "expires_at": "2099-12-31T00:00:00.000000Z"
}))]
pub struct BulkAcceptanceInput {
    #[schema(min_items = 1, max_items = 500)]
    pub finding_ids: Vec<Uuid>,
    pub reason: AcceptanceReason,
    /// The justification. Surrounding spaces are trimmed; the rest must not be empty.
    #[schema(min_length = 1, max_length = 2000)]
    pub rationale: String,
    /// Must be in the future. The findings reopen at this instant. Null or absent: the acceptance does not
    /// expire.
    pub expires_at: Option<Timestamp>,
}

/// Result for each finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"results": [
    {"finding_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7081", "status": 200, "code": null},
    {"finding_id": "01996e1f-2d77-7c10-a1b2-3c4d5e6f7082", "status": 409, "code": "finding_not_open"}
]}))]
pub struct BulkAcceptanceResults {
    /// One result for each id of the request, in the same order.
    pub results: Vec<BulkAcceptanceResult>,
}

/// Result for one finding: what `PUT …/acceptance` would have returned.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkAcceptanceResult {
    pub finding_id: Uuid,
    /// 200, 404 or 409.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// Problem code, `not_found` or `finding_not_open`. Null: the finding is accepted.
    pub code: Option<&'static str>,
}

impl BulkAcceptanceResult {
    pub fn new(id: FindingId, accepted: AcceptOutcome) -> Self {
        let problem = match accepted {
            AcceptOutcome::Done => None,
            AcceptOutcome::Missing => Some(ProblemKind::NotFound.spec()),
            AcceptOutcome::NotOpen => Some(ProblemKind::FindingNotOpen.spec()),
        };
        Self {
            finding_id: id.0,
            status: problem.map_or(StatusCode::OK, |row| row.status).as_u16(),
            code: problem.map(|row| row.code),
        }
    }
}
