//! The operations of the service: connection tests, saving, syncs, evaluation, acceptance. HTTP is in `api`, calls to
//! Auth0 in `auth0`, SQL in `store`.

mod acceptance;
mod actor;
mod audit_queue;
mod audit_verification;
mod concurrency_limit;
mod connection_test;
mod connection_test_cache;
mod credentials;
mod db_timeout;
mod drift;
mod error;
mod evaluation;
mod failure;
mod hints;
mod history_entries;
mod integrations;
mod leases;
mod login_lockout;
pub mod offline;
mod permitted_readings;
mod plan;
mod policy;
mod preview;
mod progress;
mod secret_expiry_reminders;
mod secret_rotation;
mod stored_state;
mod sync_result;
mod sync_run;
mod sync_summary;
mod syncs;
pub mod worker;

use std::sync::Arc;
use std::time::Duration;

use auth0::Auth0;
use domain::address::AllowedOrigins;
use domain::connection::Connection;
use domain::connection_test::TestReport;
use domain::{Clock, HistoryEntryId, IdSource, OrganisationId};
use store::{Retention, Store};
use tokio::sync::Notify;

pub use actor::Actor;
pub use credentials::{IssuedToken, TokenRequest};
pub use drift::DriftAnswer;
pub use error::Error;
pub use plan::{OnSnapshot, PlanPreview};
pub use preview::{PolicyPreview, PolicyPreviews};
pub use secret_expiry_reminders::expiry_message;
pub use syncs::{SYNC_DURATION_BUCKETS_S, SYNC_DURATION_SECONDS};

use audit_queue::AuditQueue;
use concurrency_limit::Turns;
use connection_test_cache::RecentTests;
use leases::LeaseTable;
use login_lockout::FailedLogins;

/// Verifications of audits at once: each keeps one core busy with hashes.
const VERIFICATIONS: usize = 2;
/// Of these, the maximum of one organisation.
const VERIFICATIONS_EACH: usize = 1;

/// Limits of the engine.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Timeout of a connection test.
    pub test_deadline: Duration,
    /// Timeout of a sync.
    pub sync_deadline: Duration,
    /// Duration of a lease without renewal.
    pub lease: Duration,
    /// Concurrent syncs of this process.
    pub concurrent_syncs: usize,
    /// Integrations of one organisation that are not deleted.
    pub integrations_per_organisation: u32,
    /// Concurrent syncs of one organisation, on all replicas together.
    pub syncs_per_organisation: u32,
    /// Concurrent syncs of one Auth0 tenant, on all replicas together: they share its rate limit.
    pub syncs_per_tenant: u32,
    /// Workers that may attempt one sync.
    pub attempts: u32,
    /// A sync that started longer ago is not claimed again.
    pub longest_sync: Duration,
    /// Scheduled syncs of the same minute are spread over this time.
    pub schedule_spread: Duration,
    /// How often an idle worker polls for work.
    pub poll_every: Duration,
    /// How often a worker renews its leases: how fast a cancelled sync stops.
    pub lease_check_every: Duration,
    /// Concurrent comparisons of this process; each may need 100 MB.
    pub comparisons: usize,
    /// Of these, the maximum of one organisation.
    pub comparisons_each: usize,
    /// Maximum wait for a turn of a comparison, or of a verification of the audit.
    pub comparison_wait: Duration,
    /// Time for running syncs to finish at shutdown.
    pub shutdown_grace: Duration,
    /// How long data is kept.
    pub retention: Retention,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            test_deadline: Duration::from_secs(45),
            sync_deadline: Duration::from_secs(300),
            lease: Duration::from_secs(60),
            concurrent_syncs: 16,
            integrations_per_organisation: 20_000,
            syncs_per_organisation: 8,
            syncs_per_tenant: 1,
            attempts: 5,
            longest_sync: Duration::from_secs(1800),
            schedule_spread: Duration::from_secs(60),
            poll_every: Duration::from_secs(20),
            lease_check_every: Duration::from_millis(400),
            comparisons: 2,
            comparisons_each: 1,
            comparison_wait: Duration::from_secs(5),
            shutdown_grace: Duration::from_secs(5),
            retention: Retention::default(),
        }
    }
}

/// What an [`Engine`] needs.
pub struct Parts {
    pub store: Store,
    pub auth0: Auth0,
    /// The tenants that may be called.
    pub allowed: AllowedOrigins,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub limits: Limits,
}

/// One for each process. Clones share everything.
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
    held: LeaseTable,
    /// Wrong secrets of API credentials.
    failed_logins: FailedLogins,
    /// Refused API credentials that were audited, to limit their number.
    refused: FailedLogins,
    later: AuditQueue,
    recent_tests: RecentTests,
    /// Comparisons of syncs and policy previews.
    comparisons: Turns,
    /// Verifications of an audit.
    verifications: Turns,
}

/// The response to a connection test.
#[derive(Debug, Clone)]
pub struct TestAnswer {
    pub report: TestReport,
    /// Whether it is in the history.
    pub recorded: bool,
    /// Why it is not: `unsaved_configuration` or `changed_fields`.
    pub reason: Option<&'static str>,
    pub history_entry_id: Option<HistoryEntryId>,
    /// Names of the fields that were normalised.
    pub normalised: Vec<&'static str>,
}

/// The precondition of a change: the versions that it may replace.
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
    pub fn new(parts: Parts) -> Self {
        let shared = Shared {
            comparisons: Turns::new(parts.limits.comparisons, parts.limits.comparisons_each),
            verifications: Turns::new(VERIFICATIONS, VERIFICATIONS_EACH),
            parts,
            queued: Notify::new(),
            ended: Notify::new(),
            held: LeaseTable::default(),
            failed_logins: FailedLogins::default(),
            refused: FailedLogins::default(),
            later: AuditQueue::default(),
            recent_tests: RecentTests::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    pub fn store(&self) -> &Store {
        &self.shared.parts.store
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.parts.clock
    }

    pub fn ids(&self) -> &dyn IdSource {
        &*self.shared.parts.ids
    }

    /// The tenants that this organisation may have.
    pub fn allowed_for(&self, organisation: &OrganisationId) -> AllowedOrigins {
        self.shared.parts.allowed.allowed_for(organisation)
    }

    pub fn limits(&self) -> &Limits {
        &self.shared.parts.limits
    }

    fn auth0(&self) -> &Auth0 {
        &self.shared.parts.auth0
    }

    /// Drops what is in memory of these credentials, which were changed or deleted.
    fn forget(&self, connection: &Connection) {
        self.auth0().forget(connection);
        self.shared.recent_tests.forget(&self.auth0().fingerprint(connection));
    }
}
