//! A problem document, made in `problem/render.rs`.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::connection_test::ConnectionTest;

/// What went wrong (RFC 9457). Programs look at `code`; `docs/problems.md` lists every one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:safe-auth0:problem:validation_failed",
    "title": "The request is not valid",
    "status": 422,
    "detail": "2 things are wrong; see errors.",
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
    /// A stable name of the kind of problem; not an address.
    #[schema(format = "uri")]
    pub r#type: String,
    /// For people, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// For people, about this occurrence.
    pub detail: String,
    /// The path of the request.
    #[schema(format = "uri-reference")]
    pub instance: String,
    /// For programs.
    pub code: Code,
    /// The id under which our log knows the request; also in `X-Request-Id`.
    pub request_id: String,
    /// Whether the same request, unchanged, can succeed later by itself.
    pub retryable: bool,
    /// The faults of the input, at most 50, for `malformed_request`, `validation_failed` and
    /// `precondition_required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub errors: Option<Vec<InputFault>>,
    /// How many further faults `errors` does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub errors_omitted: Option<usize>,
    /// The present sync, for `sync_in_progress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_id: Option<Uuid>,
    /// The integration that is in the way, for `asset_name_taken`, `conflict`, `integration_deleted` and
    /// `integration_disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<Uuid>,
    /// The whole report, for `connection_test_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_test: Option<ConnectionTest>,
}

/// One fault of the input. Exactly one of `pointer`, `parameter` and `header` is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct InputFault {
    /// JSON Pointer (RFC 6901) into the body; empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of a parameter of the query or of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The name of a request header, in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

super::wire_enum! {
    /// Every code, as listed in `docs/problems.md`.
    Code of crate::problem::ProblemKind {
        MalformedRequest, ValidationFailed, ConnectionTestFailed, Unauthenticated, Forbidden,
        NotFound, MethodNotAllowed, SyncInProgress, AssetNameTaken, Conflict, IntegrationDeleted,
        IntegrationDisabled, FindingNotOpen, PreconditionRequired, PreconditionFailed,
        PayloadTooLarge, UnsupportedMediaType, IdempotencyKeyReused, IdempotencyKeyInUse,
        CursorOutdated, RateLimited, Unavailable, Internal,
    }
}
