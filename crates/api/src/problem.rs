//! The table of problems (`application/problem+json`, RFC 9457): status, code, title and whether a retry can help.
//! `middleware/problem_document.rs` renders every response of 400 or more from it. The mapping from the errors of other
//! crates is in `problem/conversions.rs`.

mod conversions;

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::connection_test::TestReport;
use domain::{Faults, IntegrationId, SyncId};
use http::StatusCode;

macro_rules! kinds {
    ($($kind:ident => $status:ident, $code:literal, $title:literal, $retryable:literal, $meaning:literal;)*) => {
        /// A kind of problem: a row of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind {
            $(#[doc = $meaning] $kind,)*
        }

        impl ProblemKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            pub const fn name(self) -> &'static str {
                self.spec().code
            }

            pub const fn spec(self) -> ProblemSpec {
                match self {
                    $(Self::$kind => ProblemSpec {
                        status: StatusCode::$status,
                        code: $code,
                        title: $title,
                        is_retryable: $retryable,
                        meaning: $meaning,
                    },)*
                }
            }
        }
    };
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct ProblemSpec {
    pub status: StatusCode,
    /// Machine-readable; never changes.
    pub code: &'static str,
    /// Human-readable, the same for every occurrence.
    pub title: &'static str,
    /// Whether the same request, unchanged, can succeed later.
    pub is_retryable: bool,
    /// Text of `docs/problems.md`.
    pub meaning: &'static str,
}

kinds! {
    MalformedRequest => BAD_REQUEST, "malformed_request", "Malformed request", false,
        "The request cannot be parsed: invalid JSON, invalid percent-encoding, a header with invalid syntax, or a cursor that this service did not issue. `errors` lists the faults.";
    ValidationFailed => UNPROCESSABLE_ENTITY, "validation_failed", "Validation failed", false,
        "The request can be parsed but is not valid: fields are missing, unknown or of the wrong type, or query parameters are unknown or invalid. `errors` lists the faults.";
    ConnectionTestFailed => UNPROCESSABLE_ENTITY, "connection_test_failed", "Connection test failed", false,
        "The tenant does not accept the configuration, so nothing was saved. `connection_test` is the full report, with a hint at the step that failed.";
    Unauthenticated => UNAUTHORIZED, "unauthenticated", "Authentication required", false,
        "The access token is missing, expired or not acceptable; `WWW-Authenticate` says which. On `POST /v1/token`: the id and secret are not those of an active API credential.";
    Forbidden => FORBIDDEN, "forbidden", "Permission denied", false,
        "The role of the caller does not allow the operation. Connection tests, syncs, API credentials and all changes need the role `admin`.";
    NotFound => NOT_FOUND, "not_found", "Not found", false,
        "The resource does not exist, or belongs to another organisation.";
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", false,
        "The path exists but does not support this method. `Allow` lists the supported ones.";
    SyncInProgress => CONFLICT, "sync_in_progress", "Sync already in progress", true,
        "An integration has at most one queued or running sync. `sync_id` names it.";
    AssetNameTaken => CONFLICT, "asset_name_taken", "Asset name already in use", false,
        "Another integration of the organisation, `integration_id`, has this asset name. Names are compared without case.";
    Conflict => CONFLICT, "conflict", "Conflict", false,
        "The request conflicts with the current state; `detail` says how. Another integration, `integration_id`, connects to the same tenant with the same client ID; or the API Identifier or Client ID changed while a next secret was set; or the snapshot of a sync is not retained.";
    IntegrationDeleted => CONFLICT, "integration_deleted", "Integration deleted", false,
        "A deleted integration can be read for 90 days, but not tested, changed or synced.";
    IntegrationDisabled => CONFLICT, "integration_disabled", "Integration disabled", false,
        "A disabled integration does not sync. Enable it first: `PATCH` with `{\"enabled\": true}`.";
    FindingNotOpen => CONFLICT, "finding_not_open", "Finding not open", false,
        "A resolved finding cannot be accepted.";
    PreconditionRequired => PRECONDITION_REQUIRED, "precondition_required", "If-Match required", false,
        "The request must name the version that it changes: send the `ETag` as `If-Match`.";
    PreconditionFailed => PRECONDITION_FAILED, "precondition_failed", "Precondition failed", false,
        "`If-Match` does not match the current version. Read the resource again and repeat the change.";
    PayloadTooLarge => PAYLOAD_TOO_LARGE, "payload_too_large", "Request body too large", false,
        "A request body has at most 65,536 bytes.";
    UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type", false,
        "Request bodies are `application/json`; updates can also be `application/merge-patch+json`.";
    IdempotencyKeyReused => UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency key reused", false,
        "The `Idempotency-Key` was used with a different body. Use a new key for a new request.";
    IdempotencyKeyInUse => CONFLICT, "idempotency_key_in_use", "Idempotency key in use", true,
        "The first request with this `Idempotency-Key` is still running. Retry shortly to get its response.";
    CursorOutdated => CONFLICT, "cursor_outdated", "Cursor outdated", false,
        "A sync changed the sort order of the list, so the next page could omit or repeat items. Start again from the first page, without `cursor`.";
    QuotaExceeded => CONFLICT, "quota_exceeded", "Quota exceeded", false,
        "The organisation has as many of these as it may have: integrations that are not deleted, or active API credentials. `detail` has the number. Delete or revoke one first.";
    RateLimited => TOO_MANY_REQUESTS, "rate_limited", "Too many requests", true,
        "A rate limit or quota is exceeded. `Retry-After` says when to retry.";
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "Service unavailable", true,
        "The service is overloaded, the request timed out, or a dependency does not respond. `Retry-After` says when to retry.";
    Internal => INTERNAL_SERVER_ERROR, "internal", "Internal error", false,
        "An unexpected error occurred in this service. Its cause is logged under `request_id`.";
}

impl ProblemSpec {
    /// The `type` of the problem: a stable identifier, not an address.
    pub fn uri(&self) -> String {
        format!("urn:safe-auth0:problem:{}", self.code)
    }
}

/// A problem of one request, with its details.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.kind().spec().title)]
pub enum ApiError {
    Malformed(Faults),
    Invalid(Faults),
    /// `reason` says why the history has no entry for the test.
    ConnectionTestFailed {
        report: Box<TestReport>,
        reason: &'static str,
    },
    /// The reason; none if the request has no token.
    Unauthenticated(Option<&'static str>),
    /// Id and secret of an API credential are missing or wrong.
    WrongCredentials,
    Forbidden(&'static str),
    NotFound,
    MethodNotAllowed,
    /// The active sync.
    SyncInProgress(SyncId),
    /// The integration with this name.
    AssetNameTaken(IntegrationId),
    /// The integration with the same tenant and client ID.
    TenantClientTaken(IntegrationId),
    /// The origin or client of this integration changed during the request.
    Moved(IntegrationId),
    CursorOutdated,
    TooManyCredentials,
    /// The maximum of one organisation.
    TooManyIntegrations(u32),
    /// Why the snapshot of a sync is not retained.
    NotKept(&'static str),
    IntegrationDeleted(IntegrationId),
    IntegrationDisabled(IntegrationId),
    FindingNotOpen,
    PreconditionRequired,
    PreconditionFailed,
    PayloadTooLarge,
    /// The supported media types.
    UnsupportedMediaType(&'static str),
    IdempotencyKeyReused,
    IdempotencyKeyInUse,
    RateLimited {
        retry_after_s: u32,
    },
    /// The caller has reached its quota of stored idempotency keys.
    TooManyKeys,
    /// The cause is logged, never sent.
    Unavailable {
        retry_after_s: u32,
        detail: &'static str,
        cause: Option<Cause>,
    },
    /// The cause is logged, never sent.
    Internal(Cause),
}

/// The cause of an internal error: logged once, never sent.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl ApiError {
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::Malformed(_) => ProblemKind::MalformedRequest,
            Self::Invalid(_) => ProblemKind::ValidationFailed,
            Self::ConnectionTestFailed { .. } => ProblemKind::ConnectionTestFailed,
            Self::Unauthenticated(_) | Self::WrongCredentials => ProblemKind::Unauthenticated,
            Self::Forbidden(_) => ProblemKind::Forbidden,
            Self::NotFound => ProblemKind::NotFound,
            Self::MethodNotAllowed => ProblemKind::MethodNotAllowed,
            Self::SyncInProgress(_) => ProblemKind::SyncInProgress,
            Self::AssetNameTaken(_) => ProblemKind::AssetNameTaken,
            Self::TenantClientTaken(_) | Self::Moved(_) | Self::NotKept(_) => ProblemKind::Conflict,
            Self::TooManyCredentials | Self::TooManyIntegrations(_) => ProblemKind::QuotaExceeded,
            Self::CursorOutdated => ProblemKind::CursorOutdated,
            Self::IntegrationDeleted(_) => ProblemKind::IntegrationDeleted,
            Self::IntegrationDisabled(_) => ProblemKind::IntegrationDisabled,
            Self::FindingNotOpen => ProblemKind::FindingNotOpen,
            Self::PreconditionRequired => ProblemKind::PreconditionRequired,
            Self::PreconditionFailed => ProblemKind::PreconditionFailed,
            Self::PayloadTooLarge => ProblemKind::PayloadTooLarge,
            Self::UnsupportedMediaType(_) => ProblemKind::UnsupportedMediaType,
            Self::IdempotencyKeyReused => ProblemKind::IdempotencyKeyReused,
            Self::IdempotencyKeyInUse => ProblemKind::IdempotencyKeyInUse,
            Self::RateLimited { .. } | Self::TooManyKeys => ProblemKind::RateLimited,
            Self::Unavailable { .. } => ProblemKind::Unavailable,
            Self::Internal(_) => ProblemKind::Internal,
        }
    }

    /// A temporary failure whose cause is not logged.
    pub const fn unavailable(retry_after_s: u32, detail: &'static str) -> Self {
        Self::Unavailable { retry_after_s, detail, cause: None }
    }

    /// An internal error without an error value.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(what.into())))
    }

    /// What is logged and not sent.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Internal(cause) => Some(cause),
            Self::Unavailable { cause, .. } => cause.as_ref(),
            _ => None,
        }
    }
}

/// Carries the error to the middleware (`middleware/problem_document.rs`) that knows the request and renders the problem.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.kind().spec().status;
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests;
