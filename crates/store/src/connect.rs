//! The store handle: a connection pool and the key ring.

use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::OrganisationId;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::OwnedSemaphorePermit;

use crate::{Error, Hashing, KeyRing, OrganisationSemaphores};

/// How long a connection that returns to the pool, perhaps with a rollback under way, may take to become idle. Its peer
/// may be gone without closing the connection; without a limit its slot in the pool would never be free again.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that one organisation may use at once, at least; otherwise half of the pool.
const SHARE_MIN: usize = 2;

#[derive(Debug, Clone)]
pub struct Options {
    /// Maximum number of connections; [`Store::listen`] uses one more.
    pub max_connections: u32,
    /// How long a call waits for a free connection before it is `Unavailable`.
    pub acquire_timeout: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
    /// Shown in `pg_stat_activity`.
    pub application_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
            lock_timeout: Duration::from_secs(5),
            application_name: "safe-auth0".to_owned(),
        }
    }
}

/// The store. Cheap to clone; all clones share the pool.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    keys: KeyRing,
    hashing: Hashing,
    /// Connections that one organisation may use at once.
    shares: Arc<OrganisationSemaphores>,
    /// How long a call waits for one.
    share_wait: Duration,
    /// The organisation that the last claim of a sync visited last; empty: begin with the first.
    claims_visited_to: Arc<Mutex<String>>,
    /// Random; in the notifications of syncs that this process queued.
    instance: Arc<str>,
}

impl Store {
    /// Connects. The address is never part of the error: it can hold a password.
    pub async fn connect(url: &str, keys: KeyRing, options: Options) -> Result<Self, Error> {
        let at = address(url)?.application_name(&options.application_name).options([
            ("statement_timeout", options.statement_timeout.as_millis().to_string()),
            ("lock_timeout", options.lock_timeout.as_millis().to_string()),
            // Statements are short: starting parallel workers would take longer than they do.
            ("max_parallel_workers_per_gather", "0".to_owned()),
            // Compiling a statement, too: half a second for one of two milliseconds whose cost is misjudged.
            ("jit", "off".to_owned()),
            // Planning takes as long as executing, and Postgres would plan each statement of each connection five
            // times. Statements are built from the filters that are there, so one plan fits all their values.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
            // A connection whose client vanished in a transaction must not hold its locks.
            ("idle_in_transaction_session_timeout", "10000".to_owned()),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            // The pool's own check has no timeout.
            .after_release(|connection, _| Box::pin(become_idle(connection)))
            .connect_with(at)
            .await?;
        Ok(Self::new(pool, keys))
    }

    /// From an existing pool.
    pub fn new(pool: PgPool, keys: KeyRing) -> Self {
        let instance = format!("{:016x}", RandomState::new().hash_one(0)).into();
        let claims_visited_to = Arc::default();
        let connections = pool.options().get_max_connections() as usize;
        let shares = OrganisationSemaphores::new(connections.div_ceil(2).max(SHARE_MIN));
        let (hashing, shares) = (Hashing::default(), Arc::new(shares));
        let share_wait = pool.options().get_acquire_timeout();
        Self { pool, keys, hashing, shares, share_wait, claims_visited_to, instance }
    }

    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Waits for a share of the connections, as long as for a connection. Requests of one organisation that are slow, or
    /// wait for each other's locks, leave half of the connections to others.
    pub(crate) async fn share_of(
        &self,
        organisation: &OrganisationId,
    ) -> Result<OwnedSemaphorePermit, Error> {
        let share = self.shares.semaphore_of(organisation).acquire_owned();
        match tokio::time::timeout(self.share_wait, share).await {
            Ok(Ok(share)) => Ok(share),
            _ => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Hashes the secrets of API credentials.
    pub fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    pub(crate) fn claims_visited_to(&self) -> String {
        self.claims_visited_to.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn visit_claims_after(&self, organisation: String) {
        *self.claims_visited_to.lock().unwrap_or_else(PoisonError::into_inner) = organisation;
    }

    /// The pool. Queries on it run as the login, outside row-level security: for tests, and for the files that
    /// `tests/it/tidy.rs` lists. Everything else begins a transaction of `transaction.rs`.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

/// Parses the URL. The error does not contain it.
pub(crate) fn address(url: &str) -> Result<PgConnectOptions, Error> {
    PgConnectOptions::from_str(url)
        .map_err(|_| Error::other("the database address is not one of Postgres"))
}

/// Sends a Sync message, which runs no statement.
async fn become_idle(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(RELEASE_TIMEOUT, connection.ping()).await {
        Ok(outcome) => outcome.map(|()| true),
        Err(elapsed) => Err(sqlx::Error::Io(elapsed.into())),
    }
}
