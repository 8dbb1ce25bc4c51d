//! What the service does: tests a connection, saves it, reads and judges the tenant, keeps the
//! findings. Not here: HTTP (`api`), the talk with Auth0 (`auth0`), SQL (`store`).

mod acceptance;
mod actor;
mod audit_queue;
mod connection_test;
mod credentials;
mod db_timeout;
mod drift;
mod error;
mod evaluation;
mod failed_logins;
mod failure;
mod hints;
mod history_entries;
mod integrations;
mod leases;
pub mod offline;
mod permitted_readings;
mod policy;
mod preview;
mod progress;
mod reminders;
mod secret_rotation;
mod sync_result;
mod sync_run;
mod sync_summary;
mod syncs;
pub mod worker;

use std::sync::Arc;
use std::time::Duration;

use auth0::Auth0;
use domain::address::AllowedOrigins;
use domain::connection_test::TestReport;
use domain::{Clock, HistoryEntryId, IdSource};
use store::Store;
use tokio::sync::{Notify, Semaphore};

pub use actor::Actor;
pub use credentials::{IssuedToken, TokenRequest};
pub use drift::DriftAnswer;
pub use error::Error;
pub use preview::{NotEvaluated, PolicyPreview, PolicyPreviews};
pub use reminders::expiry_message;
pub use syncs::{SYNC_DURATION_BUCKETS_S, SYNC_DURATION_SECONDS};

use audit_queue::AuditQueue;
use failed_logins::FailedLogins;
use leases::LeaseTable;

/// The caps of the engine's own work.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A connection test ends by then.
    pub test_deadline: Duration,
    /// A sync ends by then, whatever the tenant does.
    pub sync_deadline: Duration,
    /// A worker that is silent for so long has lost its sync.
    pub lease: Duration,
    /// Syncs at once in this process.
    pub concurrent_syncs: usize,
    /// Syncs of one organisation at once, on all replicas together.
    pub syncs_per_organisation: u32,
    /// Syncs of one Auth0 tenant at once, on all replicas together: they share its rate limit.
    pub syncs_per_tenant: u32,
    /// Workers that may try one sync before it is given up.
    pub attempts: u32,
    /// A sync that was begun so long ago is not taken over again.
    pub longest_sync: Duration,
    /// Scheduled syncs of one minute start spread over this time.
    pub schedule_spread: Duration,
    /// How often an idle worker looks for work that nobody announced.
    pub poll_every: Duration,
    /// How often a worker makes sure that it still holds its syncs: how fast they stop.
    pub lease_check_every: Duration,
    /// Comparisons of two syncs at once in this process: each may hold a hundred megabytes.
    pub comparisons: usize,
    /// How long one waits for its turn.
    pub comparison_wait: Duration,
    /// How long a worker that has to stop lets its syncs come to their end.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            test_deadline: Duration::from_secs(45),
            sync_deadline: Duration::from_secs(300),
            lease: Duration::from_secs(60),
            concurrent_syncs: 16,
            syncs_per_organisation: 8,
            syncs_per_tenant: 1,
            attempts: 5,
            longest_sync: Duration::from_secs(1800),
            schedule_spread: Duration::from_secs(60),
            poll_every: Duration::from_secs(10),
            lease_check_every: Duration::from_millis(400),
            comparisons: 2,
            comparison_wait: Duration::from_secs(5),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

/// What an [`Engine`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The talk with Auth0.
    pub auth0: Auth0,
    /// Which tenants may be called.
    pub allowed: AllowedOrigins,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Caps.
    pub limits: Limits,
}

/// The service's work, one for each process. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Parts,
    /// A sync was queued in this process.
    queued: Notify,
    /// A sync ended in this process.
    ended: Notify,
    /// The syncs that this process runs.
    held: LeaseTable,
    /// Wrong secrets of API credentials.
    failed_logins: FailedLogins,
    /// Refusals of API credentials that are in the audit.
    refused: FailedLogins,
    /// Rows of the audit that nobody waits for.
    later: AuditQueue,
    /// Turns to compare two syncs, or two policies.
    comparisons: Arc<Semaphore>,
}

/// The answer to a connection test.
#[derive(Debug, Clone)]
pub struct TestAnswer {
    /// What was found.
    pub report: TestReport,
    /// Whether the history has a row of it.
    pub recorded: bool,
    /// Why not: `unsaved_configuration` or `changed_fields`.
    pub reason: Option<&'static str>,
    /// The row.
    pub history_entry_id: Option<HistoryEntryId>,
    /// The fields that were rewritten to their normal form.
    pub normalised: Vec<&'static str>,
}

/// The precondition of a change: the versions that it may overwrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedVersion {
    Any,
    OneOf(Vec<i64>),
}

impl ExpectedVersion {
    fn matches(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

impl Engine {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let shared = Shared {
            comparisons: Arc::new(Semaphore::new(parts.limits.comparisons)),
            parts,
            queued: Notify::new(),
            ended: Notify::new(),
            held: LeaseTable::default(),
            failed_logins: FailedLogins::default(),
            refused: FailedLogins::default(),
            later: AuditQueue::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.shared.parts.store
    }

    /// Time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.parts.clock
    }

    /// Ids.
    pub fn ids(&self) -> &dyn IdSource {
        &*self.shared.parts.ids
    }

    /// Which tenants may be called.
    pub fn allowed(&self) -> &AllowedOrigins {
        &self.shared.parts.allowed
    }

    /// The caps.
    pub fn limits(&self) -> &Limits {
        &self.shared.parts.limits
    }

    fn auth0(&self) -> &Auth0 {
        &self.shared.parts.auth0
    }
}
