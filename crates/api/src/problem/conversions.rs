//! Maps the errors of `engine` and `store` to problems. Exhaustive: a new error does not compile until it
//! is mapped.

use std::sync::Arc;

use super::ApiError;
use crate::limits::AcquireError;

/// `Retry-After` while the database does not respond.
const RETRY_AFTER_S: u32 = 5;

/// `Retry-After` while too many secrets are being hashed, or syncs compared.
const BUSY_RETRY_AFTER_S: u32 = 2;

/// `Retry-After` while too many requests are answered at once: permits are free again within moments.
const PERMIT_RETRY_AFTER_S: u32 = 1;

impl From<AcquireError> for ApiError {
    fn from(error: AcquireError) -> Self {
        match error {
            AcquireError::ShareExhausted => {
                Self::RateLimited { retry_after_s: PERMIT_RETRY_AFTER_S }
            }
            AcquireError::AllTaken => Self::unavailable(
                PERMIT_RETRY_AFTER_S,
                "Too many concurrent requests. Retry shortly.",
            ),
        }
    }
}

impl From<engine::Error> for ApiError {
    fn from(error: engine::Error) -> Self {
        match error {
            engine::Error::NotFound => Self::NotFound,
            engine::Error::Invalid(faults) => Self::Invalid(faults),
            engine::Error::ConnectionTestFailed(report) => {
                Self::ConnectionTestFailed { report, reason: "unsaved_configuration" }
            }
            engine::Error::AssetNameTaken(by) => Self::AssetNameTaken(by),
            engine::Error::TenantClientTaken(by) => Self::TenantClientTaken(by),
            engine::Error::Moved(id) => Self::Moved(id),
            engine::Error::Deleted(id) => Self::IntegrationDeleted(id),
            engine::Error::Disabled(id) => Self::IntegrationDisabled(id),
            engine::Error::FindingNotOpen => Self::FindingNotOpen,
            engine::Error::TooManyCredentials => Self::TooManyCredentials,
            engine::Error::TooManyIntegrations(max) => Self::TooManyIntegrations(max),
            engine::Error::WrongCredentials => Self::WrongCredentials,
            engine::Error::TooManyGuesses { retry_after_s } => Self::RateLimited { retry_after_s },
            engine::Error::NotKept(why) => Self::NotKept(why),
            engine::Error::SyncInProgress(id) => Self::SyncInProgress(id),
            engine::Error::PreconditionFailed => Self::PreconditionFailed,
            engine::Error::TooManyComparisons => Self::unavailable(
                BUSY_RETRY_AFTER_S,
                "Too many comparisons, policy previews or plans are running.",
            ),
            engine::Error::TooManyVerifications => Self::unavailable(
                BUSY_RETRY_AFTER_S,
                "Another verification of the audit is running.",
            ),
            engine::Error::Store(error) => error.into(),
        }
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(..) => Self::Unavailable {
                retry_after_s: RETRY_AFTER_S,
                detail: "The database does not respond.",
                cause: Some(Arc::new(error)),
            },
            store::Error::Busy => {
                Self::unavailable(BUSY_RETRY_AFTER_S, "Too many credentials are being verified.")
            }
            _ => Self::Internal(Arc::new(error)),
        }
    }
}
