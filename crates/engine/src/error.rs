//! Errors of operations.

use domain::connection_test::TestReport;
use domain::{Fault, Faults, IntegrationId, SyncId};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist in the caller's organisation.
    #[error("not found")]
    NotFound,
    #[error("invalid: {0}")]
    Invalid(Faults),
    /// The connection test failed; nothing was saved.
    #[error("the connection test failed")]
    ConnectionTestFailed(Box<TestReport>),
    /// This integration has the asset name.
    #[error("integration {0} has the asset name")]
    AssetNameTaken(IntegrationId),
    /// This integration has the tenant and client ID.
    #[error("integration {0} connects to the tenant with this client")]
    TenantClientTaken(IntegrationId),
    /// The origin or client of this integration changed while the secret was stored.
    #[error("integration {0} was given another origin or client")]
    Moved(IntegrationId),
    #[error("integration {0} is deleted")]
    Deleted(IntegrationId),
    #[error("integration {0} is disabled")]
    Disabled(IntegrationId),
    /// A resolved finding cannot be accepted.
    #[error("the finding is not open")]
    FindingNotOpen,
    /// The organisation has reached the maximum of active API credentials.
    #[error("there are too many API credentials")]
    TooManyCredentials,
    /// The organisation has reached the maximum of integrations.
    #[error("there are {0} integrations")]
    TooManyIntegrations(u32),
    /// No active API credential has this id and secret.
    #[error("the credentials are not accepted")]
    WrongCredentials,
    /// Too many wrong secrets were sent for this id.
    #[error("too many wrong secrets were sent")]
    TooManyGuesses { retry_after_s: u32 },
    /// This sync is already queued or running.
    #[error("sync {0} is in progress")]
    SyncInProgress(SyncId),
    /// What was requested is no longer stored, or never was. Human-readable.
    #[error("{0}")]
    NotKept(&'static str),
    #[error("too many syncs are being compared")]
    TooManyComparisons,
    #[error("too many audits are being verified")]
    TooManyVerifications,
    /// The stored version differs from the expected one.
    #[error("the configuration has changed")]
    PreconditionFailed,
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
