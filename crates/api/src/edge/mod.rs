//! The outermost frame of every request: its id, its span, its caps, its log line, and the promise
//! that whatever answers 400 or more is a problem document. Not here: anything about a resource.

mod admission;
mod context;
mod denials;
mod frame;
mod observe;
mod pressure;
mod proxies;
mod rate;
mod share;
mod traceparent;

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, IdSource, OrganisationId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use admission::{Knock, Rates};
pub use context::Context;
pub use frame::{frame, panic_text};
pub use observe::{DURATION_BUCKETS_S, DURATION_SECONDS, describe_metrics};
pub use proxies::TrustedProxies;
pub use rate::Rate;

use crate::auth::{TokenSource, Verifier};
use crate::export::{EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION};
use admission::Admission;
use share::{Share, Shares};

/// Caps on what one process does at once, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests at once; more are answered 503. Probes and metrics are not counted.
    pub concurrent_requests: usize,
    /// A request is answered by then, 503 if need be. A waiting `start_sync` has its wait on top.
    pub request_time: Duration,
    /// Requests that wait for a sync at once; more get their 202 at once.
    pub waiting_requests: usize,
    /// Of those, how many of one organisation.
    pub waiting_per_organisation: usize,
    /// How often one caller, address or organisation may do what.
    pub rates: Rates,
    /// Whose word counts on where a request comes from.
    pub trusted_proxies: TrustedProxies,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_requests: 512,
            request_time: Duration::from_mins(1),
            waiting_requests: 128,
            waiting_per_organisation: 32,
            rates: Rates::default(),
            trusted_proxies: TrustedProxies::default(),
        }
    }
}

/// What the frame and the extractors need; only `tokens` touches the database.
#[derive(Clone)]
pub struct Edge {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Who may call.
    pub verifier: Verifier,
    /// And with which tokens of our own.
    pub tokens: TokenSource,
    /// A request is answered by then.
    request_time: Duration,
    requests: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    exports: Arc<Semaphore>,
    exports_of: Shares,
    waits_of: Shares,
    pub(crate) admission: Arc<Admission>,
    trusted_proxies: Arc<TrustedProxies>,
}

/// A place among the requests that wait, stream or export; given back with its value.
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_organisation: Share,
}

impl Edge {
    /// Puts the parts together.
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        verifier: Verifier,
        tokens: TokenSource,
        limits: &Limits,
    ) -> Self {
        Self {
            clock,
            ids,
            verifier,
            tokens,
            request_time: limits.request_time,
            requests: Arc::new(Semaphore::new(limits.concurrent_requests)),
            waits: Arc::new(Semaphore::new(limits.waiting_requests)),
            exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)),
            exports_of: Shares::new(EXPORTS_PER_ORGANISATION),
            waits_of: Shares::new(limits.waiting_per_organisation),
            admission: Arc::new(Admission::new(&limits.rates)),
            trusted_proxies: Arc::new(limits.trusted_proxies.clone()),
        }
    }

    /// A place among the requests that wait for a sync or stream; none when all are taken, or all
    /// that one organisation may have.
    pub fn place_to_wait(&self, organisation: &OrganisationId) -> Option<Place> {
        let of_organisation = self.waits_of.take(organisation)?;
        let of_all = Arc::clone(&self.waits).try_acquire_owned().ok()?;
        Some(Place { _of_all: of_all, _of_organisation: of_organisation })
    }

    /// A place among the exports that are made; none when all are taken, or all that one organisation
    /// may have.
    pub fn place_to_export(&self, organisation: &OrganisationId) -> Option<Place> {
        let of_organisation = self.exports_of.take(organisation)?;
        let of_all = Arc::clone(&self.exports).try_acquire_owned().ok()?;
        Some(Place { _of_all: of_all, _of_organisation: of_organisation })
    }
}

#[cfg(test)]
mod tests;
