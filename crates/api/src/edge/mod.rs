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
mod traceparent;

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, IdSource, OrganisationId};

pub use admission::{Knock, Rates};
pub use context::Context;
pub use frame::{frame, panic_text};
pub use observe::{DURATION_BUCKETS_S, DURATION_SECONDS, describe_metrics};
pub use proxies::TrustedProxies;
pub use rate::Rate;

use crate::auth::{TokenSource, Verifier};
use crate::export::{EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION};
use crate::limits::{Concurrency, Permit, SharedPermits};
use crate::middleware::BodyAllowance;
use crate::problem::ApiError;
use admission::Admission;

/// Caps on what one process does at once, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests of known callers at once; more are answered 503. As many whose caller is not known yet.
    /// Probes and metrics are not counted.
    pub concurrent_requests: usize,
    /// Of those, how many of one organisation; more are answered 429.
    pub concurrent_per_organisation: usize,
    /// Of those whose caller is not known yet, how many from one address; more are answered 429.
    pub concurrent_per_address: usize,
    /// A request is answered by then, 503 if need be. A waiting `start_sync` has its wait on top.
    pub request_time: Duration,
    /// How long the body of a request may take, with a second more for each 4 KiB of it.
    pub body_time: Duration,
    /// The service drops an answer whose client reads nothing for this long.
    pub stall_time: Duration,
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
            concurrent_per_organisation: 128,
            concurrent_per_address: 256,
            request_time: Duration::from_mins(1),
            body_time: Duration::from_secs(10),
            stall_time: Duration::from_secs(30),
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
    body_allowance: BodyAllowance,
    stall_time: Duration,
    concurrency: Arc<Concurrency>,
    waits: SharedPermits<OrganisationId>,
    exports: SharedPermits<OrganisationId>,
    pub(crate) admission: Arc<Admission>,
    trusted_proxies: Arc<TrustedProxies>,
}

/// A place among the requests that wait, stream or export; given back with its value.
pub type Place = Permit<OrganisationId>;

/// Each so many bytes of a request's body allow it a second more.
const BODY_BYTES_PER_SECOND: u32 = 4096;

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
            body_allowance: BodyAllowance {
                time: limits.body_time,
                bytes_per_second: BODY_BYTES_PER_SECOND,
            },
            stall_time: limits.stall_time,
            concurrency: Arc::new(Concurrency::new(
                limits.concurrent_requests,
                limits.concurrent_per_address,
                limits.concurrent_per_organisation,
            )),
            waits: SharedPermits::new(limits.waiting_requests, limits.waiting_per_organisation),
            exports: SharedPermits::new(EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION),
            admission: Arc::new(Admission::new(&limits.rates)),
            trusted_proxies: Arc::new(limits.trusted_proxies.clone()),
        }
    }

    /// A place among the requests that wait for a sync or stream; none when all are taken, or all
    /// that one organisation may have.
    pub fn place_to_wait(&self, organisation: &OrganisationId) -> Option<Place> {
        self.waits.acquire(organisation).ok()
    }

    /// A place among the exports that are made; none when all are taken, or all that one organisation
    /// may have.
    pub fn place_to_export(&self, organisation: &OrganisationId) -> Option<Place> {
        self.exports.acquire(organisation).ok()
    }

    /// Lets a request go on whose caller is known now: by their rate, and with a permit of their
    /// organisation instead of one of the address.
    pub fn admit_caller(
        &self,
        context: &Context,
        organisation: &OrganisationId,
        subject: &str,
    ) -> Result<(), ApiError> {
        self.admission.caller(context, organisation, subject, self.clock.now())?;
        let permit =
            self.concurrency.acquire_for_organisation(organisation, context.connection())?;
        context.hold_permit(permit);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
