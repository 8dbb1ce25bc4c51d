//! The state of a running tenant, shared by its requests, its handle and its control endpoints.

use crate::bucket::{Admission, Level};
use crate::exchange::Exchange;
use crate::fault::{Area, Effect, Faults};
use crate::request_log::RequestLog;
use crate::tenant_file::TenantFile;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The clock. The simulator never reads the machine's clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

pub(crate) struct State {
    pub origin: String,
    pub log: RequestLog,
    now: Now,
    file: Mutex<TenantFile>,
    faults: Mutex<Faults>,
    management_level: Mutex<Level>,
    token_level: Mutex<Level>,
    /// Reads of each path; sets are rotated by this number.
    reads: Mutex<BTreeMap<String, usize>>,
    /// Replays of each request of the recorded exchanges.
    replays: Mutex<BTreeMap<String, usize>>,
    /// Ids of tokens that a fault expired.
    expired: Mutex<BTreeSet<String>>,
    tokens_issued: AtomicU64,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl State {
    pub fn new(origin: String, file: TenantFile, now: Now) -> Self {
        Self {
            origin,
            now,
            file: Mutex::new(file),
            log: RequestLog::default(),
            faults: Mutex::default(),
            management_level: Mutex::default(),
            token_level: Mutex::default(),
            reads: Mutex::default(),
            replays: Mutex::default(),
            expired: Mutex::default(),
            tokens_issued: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        }
    }

    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub fn file(&self) -> MutexGuard<'_, TenantFile> {
        lock(&self.file)
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub fn api_identifier(&self) -> String {
        format!("{}/api/v2/", self.origin)
    }

    pub fn issuer(&self) -> String {
        format!("{}/", self.origin)
    }

    pub fn audience(&self) -> String {
        self.file().audience.clone().unwrap_or_else(|| self.api_identifier())
    }

    /// Takes a token from the bucket of this API, if it has one.
    pub fn admit(&self, area: Area) -> Option<Admission> {
        let (bucket, level) = match area {
            Area::ManagementApi => (self.file().management_bucket(), &self.management_level),
            Area::TokenEndpoint => (self.file().token_endpoint_bucket(), &self.token_level),
            Area::Other => return None,
        };
        lock(level).consume(bucket, self.now())
    }

    pub fn match_faults(&self, method: &str, path: &str) -> Vec<Effect> {
        self.faults().apply(method, path)
    }

    /// Counts a read of this path and returns the number of earlier ones.
    pub fn count_read(&self, path: &str) -> usize {
        let mut reads = lock(&self.reads);
        let count = reads.entry(path.to_owned()).or_default();
        *count = count.wrapping_add(1);
        count.wrapping_sub(1)
    }

    /// Counts a replay of this request and returns the number of earlier ones.
    pub fn count_replay(&self, method: &str, path: &str) -> usize {
        let mut replays = lock(&self.replays);
        let count = replays.entry(format!("{method} {path}")).or_default();
        *count = count.saturating_add(1);
        *count - 1
    }

    /// Replaces the recorded exchanges and starts them from their first responses.
    pub fn replay(&self, exchanges: Vec<Exchange>) {
        self.file().exchanges = exchanges;
        lock(&self.replays).clear();
    }

    pub fn next_token_number(&self) -> u64 {
        self.tokens_issued.fetch_add(1, Ordering::Relaxed)
    }

    pub fn expire(&self, token_id: &str) {
        lock(&self.expired).insert(token_id.to_owned());
    }

    pub fn is_expired(&self, token_id: &str) -> bool {
        lock(&self.expired).contains(token_id)
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    pub fn most_in_flight(&self) -> usize {
        self.most_in_flight.load(Ordering::SeqCst)
    }

    /// Counts a request until the guard is dropped.
    pub fn enter(self: &Arc<Self>) -> InFlight {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(now, Ordering::SeqCst);
        InFlight(Arc::clone(self))
    }
}

/// A request between its arrival and the head of its response. Not until the end of the body: a client may send its
/// next request before the server has dropped the previous one, and would be counted twice.
pub(crate) struct InFlight(Arc<State>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
