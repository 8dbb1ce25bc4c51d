//! Schema of a problem document. `middleware/problem_document.rs` renders it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::connection_test::ConnectionTest;

/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Problem document (RFC 9457). Programs use `code`; `docs/problems.md` lists all codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:safe-auth0:problem:validation_failed",
    "title": "Validation failed",
    "status": 422,
    "detail": "2 faults; see errors.",
    "instance": "/v1/integrations",
    "code": "validation_failed",
    "request_id": "01996e1f-2c1e-7d0a-9a44-0f6a3c0f0a11",
    "retryable": false,
    "errors": [
        {"pointer": "/client_secret", "detail": "is required"},
        {"pointer": "/auto_sync_frequency/every", "detail": "must be a number of minutes, hours or days from \"15m\" to \"30d\""}
    ]
}))]
pub struct Problem {
    /// Stable identifier of the problem type. Not a resolvable address.
    #[schema(format = "uri")]
    pub r#type: String,
    /// Human-readable summary, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// Human-readable explanation of this occurrence.
    pub detail: String,
    /// The path of the request.
    #[schema(format = "uri-reference")]
    pub instance: String,
    /// Machine-readable code.
    pub code: ProblemCode,
    /// Id of the request, in the log and in `X-Request-Id`.
    pub request_id: String,
    /// True if the same request, unchanged, can succeed later.
    pub retryable: bool,
    /// Faults of the input, at most 50. Present for `malformed_request`, `validation_failed` and
    /// `precondition_required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50, nullable = false)]
    pub errors: Option<Vec<InputFault>>,
    /// Number of faults that `errors` does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, nullable = false)]
    pub errors_omitted: Option<usize>,
    /// The active sync, for `sync_in_progress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sync_id: Option<Uuid>,
    /// The integration in conflict, for `asset_name_taken`, `conflict`, `integration_deleted` and
    /// `integration_disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub integration_id: Option<Uuid>,
    /// The full report, for `connection_test_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub connection_test: Option<ConnectionTest>,
}

/// A fault of the input. Exactly one of `pointer`, `parameter` and `header` is present.
#[derive(Debug, Serialize, ToSchema)]
pub struct InputFault {
    /// JSON Pointer (RFC 6901) into the body. Empty: the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// Name of a query or path parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// Name of a request header, in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub header: Option<String>,
    /// What is wrong and how to fix it.
    pub detail: String,
}

super::wire_enum! {
    /// Problem codes, as listed in `docs/problems.md`.
    ProblemCode of crate::problem::ProblemKind
}
