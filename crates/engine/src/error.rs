//! Why the engine does not do what was asked for.

use domain::connection_test::TestReport;
use domain::{Fault, Faults, IntegrationId, SyncId};

/// Why a request cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing in the caller's organisation.
    #[error("not found")]
    NotFound,
    /// The input is wrong.
    #[error("invalid: {0}")]
    Invalid(Faults),
    /// The tenant does not accept the configuration, so nothing was saved.
    #[error("the connection test failed")]
    ConnectionTestFailed(Box<TestReport>),
    /// This integration has the asset name.
    #[error("integration {0} has the asset name")]
    AssetNameTaken(IntegrationId),
    /// This integration has the tenant and client ID.
    #[error("integration {0} connects to the tenant with this client")]
    TenantClientTaken(IntegrationId),
    /// This integration was given another origin or client while a secret was put for the former one.
    #[error("integration {0} was given another origin or client")]
    Moved(IntegrationId),
    /// This integration is deleted.
    #[error("integration {0} is deleted")]
    Deleted(IntegrationId),
    /// This integration is disabled.
    #[error("integration {0} is disabled")]
    Disabled(IntegrationId),
    /// The finding is resolved, so it cannot be accepted.
    #[error("the finding is not open")]
    FindingNotOpen,
    /// The organisation has as many living API credentials as it may have.
    #[error("there are too many API credentials")]
    TooManyCredentials,
    /// No living API credential has this id and secret.
    #[error("the credentials are not accepted")]
    WrongCredentials,
    /// Too many wrong secrets were sent for this id; come back after so many seconds.
    #[error("too many wrong secrets were sent")]
    TooManyGuesses {
        /// Until the id is looked at again.
        retry_after_s: u32,
    },
    /// This sync is already queued or running.
    #[error("sync {0} is in progress")]
    SyncInProgress(SyncId),
    /// What is asked for is no longer kept, or never was; in words.
    #[error("{0}")]
    NotKept(&'static str),
    /// Too many syncs are being compared.
    #[error("too many syncs are being compared")]
    TooManyComparisons,
    /// The configuration has another version.
    #[error("the configuration has changed")]
    PreconditionFailed,
    /// The database.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::CredentialsUnreadable => Self::Invalid(
                Fault::at(
                    "/client_secret",
                    "is needed: the saved one cannot be opened with the present encryption keys",
                )
                .into(),
            ),
            store::Error::Conflict(store::Constraint::AssetNameTaken(by)) => {
                Self::AssetNameTaken(by)
            }
            store::Error::Conflict(store::Constraint::TenantClientTaken(by)) => {
                Self::TenantClientTaken(by)
            }
            other => Self::Store(other),
        }
    }
}
