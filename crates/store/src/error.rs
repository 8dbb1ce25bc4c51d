//! Errors of the store, by who must act and whether a retry can help. A missing row is `None` and not an error.

use std::fmt;

use domain::IntegrationId;
use sqlx::error::DatabaseError;

/// Logged; never sent to API callers.
type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The value is taken.
    #[error("{0}")]
    Conflict(Constraint),
    /// A stored value that this version cannot read: a defect.
    #[error("{table}.{column} holds a value that this version cannot read")]
    Corrupt { table: &'static str, column: &'static str },
    /// The database cannot be reached or is overloaded. Retryable.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// No configured key opens the stored secret, or it has been tampered with.
    #[error("the stored client secret cannot be opened with the configured keys")]
    CredentialsUnreadable,
    /// Too many secrets are being hashed. Retryable.
    #[error("too many secrets are being hashed")]
    Busy,
    /// Anything else: a defect.
    #[error("the database refused a statement")]
    Other(#[source] Cause),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// This undeleted integration of the organisation has the asset name.
    AssetNameTaken(IntegrationId),
    /// This undeleted integration of the organisation has the tenant and client ID.
    TenantClientTaken(IntegrationId),
    /// The integration has a queued or running sync.
    ActiveSync,
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AssetNameTaken(_) => "the asset name is taken",
            Self::TenantClientTaken(_) => "the tenant is integrated with this client ID already",
            Self::ActiveSync => "a sync is queued or running",
        })
    }
}

impl Error {
    /// Whether a retry can help without any change.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy)
    }

    pub(crate) fn other(cause: impl Into<Cause>) -> Self {
        Self::Other(cause.into())
    }

    pub(crate) fn corrupt(table: &'static str, column: &'static str) -> Self {
        Self::Corrupt { table, column }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let is_passing = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| is_passing_code(&code))
            }
            _ => false,
        };
        if is_passing { Self::Unavailable(Box::new(error)) } else { Self::Other(Box::new(error)) }
    }
}

/// The violated constraint.
pub(crate) fn violated(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(|database| database.constraint())
}

/// Whether a statement violated one of these constraints.
pub(crate) fn violates(error: &Error, constraints: &[&str]) -> bool {
    let Error::Other(cause) = error else { return false };
    let violated = cause.downcast_ref::<sqlx::Error>().and_then(violated);
    violated.is_some_and(|violated| constraints.contains(&violated))
}

/// Whether the transaction failed because of a concurrent one, so that a retry succeeds.
pub(crate) fn lost_a_race(error: &Error) -> bool {
    let Error::Unavailable(cause) = error else { return false };
    let database = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    database.and_then(DatabaseError::code).is_some_and(|code| RACES.contains(&&*code))
}

/// Serialisation failure and deadlock.
const RACES: [&str; 2] = ["40001", "40P01"];

/// `SQLSTATE` codes (PostgreSQL, appendix A) of transient states: connection lost, resources exhausted, statement or
/// lock timeout, shutdown, read-only replica, idle session closed (after the process was suspended), failover,
/// password change, disk error.
fn is_passing_code(code: &str) -> bool {
    const WHOLE: [&str; 11] = [
        "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "55P03", "25006", "25P03", "25P04",
        "3D000",
    ];
    const CLASSES: [&str; 4] = ["08", "28", "53", "58"];
    CLASSES.iter().any(|class| code.starts_with(class))
        || WHOLE.contains(&code)
        || RACES.contains(&code)
}
