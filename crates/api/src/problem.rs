//! The only status table: what can go wrong, and its status, code, title and whether trying again
//! can help. Everything that answers 400 or more is rendered from here (RFC 9457).
//! Not here: which of our own errors is which problem (`problem/conversions.rs`).

mod conversions;
mod render;

use std::sync::Arc;

use domain::connection_test::TestReport;
use domain::{Faults, IntegrationId, SyncId};
use http::StatusCode;

pub use render::render;

macro_rules! kinds {
    ($($kind:ident => $status:ident, $code:literal, $title:literal, $retryable:literal, $meaning:literal;)*) => {
        /// What can go wrong, without the particulars.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemKind {
            $(#[doc = $meaning] $kind,)*
        }

        impl ProblemKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its row of the table.
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

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct ProblemSpec {
    /// The HTTP status.
    pub status: StatusCode,
    /// Stable, for programs.
    pub code: &'static str,
    /// For people, the same for every occurrence.
    pub title: &'static str,
    /// Whether the same request, unchanged, can succeed later by itself.
    pub is_retryable: bool,
    /// For the documentation.
    pub meaning: &'static str,
}

kinds! {
    MalformedRequest => BAD_REQUEST, "malformed_request", "The request is malformed", false,
        "The request cannot be read: broken JSON, broken percent-encoding, a header that does not follow its grammar, a cursor that is not ours. `errors` lists the faults.";
    ValidationFailed => UNPROCESSABLE_ENTITY, "validation_failed", "The request is not valid", false,
        "The request can be read and asks for something impossible: missing, mistyped or unknown fields, unknown or wrong query parameters. `errors` lists the faults.";
    ConnectionTestFailed => UNPROCESSABLE_ENTITY, "connection_test_failed", "The connection test failed", false,
        "The tenant does not accept the configuration, so nothing was saved. `connection_test` is the whole report, with a hint at the step that failed.";
    Unauthenticated => UNAUTHORIZED, "unauthenticated", "Who are you?", false,
        "The access token is missing, expired, or not acceptable: `WWW-Authenticate` says which. Or the id and secret that ask for a token are not those of a living API credential.";
    Forbidden => FORBIDDEN, "forbidden", "Your role does not allow this", false,
        "Tests, syncs, API credentials and every change need the role `admin`.";
    NotFound => NOT_FOUND, "not_found", "Not found", false,
        "There is no such thing, or it belongs to another organisation.";
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here", false,
        "The path exists and does not answer this method. `Allow` lists those that it answers.";
    SyncInProgress => CONFLICT, "sync_in_progress", "A sync is already queued or running", true,
        "One sync of an integration at a time. `sync_id` names the present one.";
    AssetNameTaken => CONFLICT, "asset_name_taken", "The asset name is taken", false,
        "Another integration of the organisation, `integration_id`, has this asset name; names that differ in case only are the same.";
    Conflict => CONFLICT, "conflict", "It conflicts with what is there", false,
        "Another integration of the organisation, `integration_id`, connects to the same tenant with the same client ID; or it was given another API Identifier or Client ID while a next secret was put; or the organisation has as many living API credentials as it may have; or what a sync saw is asked for and not kept. `detail` says which.";
    IntegrationDeleted => CONFLICT, "integration_deleted", "The integration is deleted", false,
        "A deleted integration can be read for 90 days and no longer be tested, changed or synced.";
    IntegrationDisabled => CONFLICT, "integration_disabled", "The integration is disabled", false,
        "A disabled integration does not sync. Enable it first: `PATCH` with `{\"enabled\": true}`.";
    FindingNotOpen => CONFLICT, "finding_not_open", "The finding is not open", false,
        "A resolved finding cannot be accepted.";
    PreconditionRequired => PRECONDITION_REQUIRED, "precondition_required", "If-Match is required", false,
        "The change must say which version it is based on: send the `ETag` as `If-Match`.";
    PreconditionFailed => PRECONDITION_FAILED, "precondition_failed", "The configuration has changed", false,
        "`If-Match` names another version than the present one. Read it again, and decide anew.";
    PayloadTooLarge => PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large", false,
        "The body of a request may have at most 65,536 bytes.";
    UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The media type is not supported", false,
        "Bodies are `application/json`; updates may also be `application/merge-patch+json`.";
    IdempotencyKeyReused => UNPROCESSABLE_ENTITY, "idempotency_key_reused", "The idempotency key was used for another request", false,
        "The same `Idempotency-Key` came with another body. Use a new key for a new request.";
    IdempotencyKeyInUse => CONFLICT, "idempotency_key_in_use", "The first request with this idempotency key is still running", true,
        "Try again in a moment: the answer of the first request is then repeated.";
    CursorOutdated => CONFLICT, "cursor_outdated", "The order of the list has changed", false,
        "A sync changed what the list is sorted by, so the next page would leave items out or repeat them. Start again from the first page, without `cursor`.";
    RateLimited => TOO_MANY_REQUESTS, "rate_limited", "Too many requests", true,
        "`Retry-After` says when to come back.";
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "The service is not available at the moment", true,
        "A cap on load or time was reached, or something this service needs does not answer. `Retry-After` says when to come back.";
    Internal => INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side", false,
        "The fault is ours. Its cause is in our log under `request_id`.";
}

impl ProblemSpec {
    /// The `type` of the problem: a stable name, not an address.
    pub fn uri(&self) -> String {
        format!("urn:safe-auth0:problem:{}", self.code)
    }
}

/// Something that went wrong, with its particulars.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.kind().spec().title)]
pub enum ApiError {
    /// Cannot be read.
    Malformed(Faults),
    /// Can be read, and is wrong.
    Invalid(Faults),
    /// The tenant does not accept the configuration. `reason` says why the history has no row of it.
    ConnectionTestFailed { report: Box<TestReport>, reason: &'static str },
    /// No acceptable token. None where the request names none at all.
    Unauthenticated(Option<&'static str>),
    /// No living API credential has this id and secret; or none were sent.
    WrongCredentials,
    /// The role does not allow it.
    Forbidden(&'static str),
    /// No such thing for this caller.
    NotFound,
    /// The path does not answer this method.
    MethodNotAllowed,
    /// This one.
    SyncInProgress(SyncId),
    /// By this integration.
    AssetNameTaken(IntegrationId),
    /// Tenant and client ID, by this integration.
    TenantClientTaken(IntegrationId),
    /// This integration was given another origin or client meanwhile.
    Moved(IntegrationId),
    /// The list is in another order by now.
    CursorOutdated,
    /// Living API credentials.
    TooManyCredentials,
    /// What a sync saw; in words.
    NotKept(&'static str),
    /// This one, for good.
    IntegrationDeleted(IntegrationId),
    /// This one, until it is enabled.
    IntegrationDisabled(IntegrationId),
    /// So it cannot be accepted.
    FindingNotOpen,
    /// The header is missing.
    PreconditionRequired,
    /// The version is another.
    PreconditionFailed,
    /// Over the cap.
    PayloadTooLarge,
    /// The media types that are.
    UnsupportedMediaType(&'static str),
    /// With another body.
    IdempotencyKeyReused,
    /// By a request that has not ended.
    IdempotencyKeyInUse,
    /// Come back after so many seconds.
    RateLimited { retry_after_s: u32 },
    /// The caller has used as many idempotency keys as are kept.
    TooManyKeys,
    /// Come back after so many seconds. The cause is for the log.
    Unavailable { retry_after_s: u32, detail: &'static str, cause: Option<Cause> },
    /// The cause is for the log.
    Internal(Cause),
}

/// The cause of a fault of ours: logged once, never sent.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl ApiError {
    /// Which row of the table.
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
            Self::TenantClientTaken(_)
            | Self::Moved(_)
            | Self::TooManyCredentials
            | Self::NotKept(_) => ProblemKind::Conflict,
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

    /// A fault of ours that has no error value of its own.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(what.into())))
    }

    /// What the log gets and the caller does not.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Internal(cause) => Some(cause),
            Self::Unavailable { cause, .. } => cause.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
