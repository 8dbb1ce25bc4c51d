//! What the middleware and the extractors share: clock, ids, authentication and limits.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, IdSource, OrganisationId};

use super::{BodyAllowance, RequestContext, TrustedProxies};
use crate::auth::{CredentialLookup, Verifier};
use crate::export::{EXPORTS_AT_ONCE, EXPORTS_PER_ORGANISATION};
use crate::limits::{Concurrency, Permit, RateLimits, Rates, SharedPermits};
use crate::problem::ApiError;

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
    pub tokens: CredentialLookup,
    /// A request is answered by then.
    pub(super) request_time: Duration,
    pub(super) body_allowance: BodyAllowance,
    pub(super) stall_time: Duration,
    pub(super) concurrency: Arc<Concurrency>,
    waits: SharedPermits<OrganisationId>,
    exports: SharedPermits<OrganisationId>,
    pub(crate) admission: Arc<RateLimits>,
    pub(super) trusted_proxies: Arc<TrustedProxies>,
}

/// A place among the requests that wait, stream or export; given back with its value.
pub type ConcurrencyPermit = Permit<OrganisationId>;

/// Each so many bytes of a request's body allow it a second more.
const BODY_BYTES_PER_SECOND: u32 = 4096;

impl Edge {
    /// Puts the parts together.
    pub fn new(
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        verifier: Verifier,
        tokens: CredentialLookup,
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
            admission: Arc::new(RateLimits::new(&limits.rates)),
            trusted_proxies: Arc::new(limits.trusted_proxies.clone()),
        }
    }

    /// A place among the requests that wait for a sync or stream; none when all are taken, or all
    /// that one organisation may have.
    pub fn acquire_wait_permit(&self, organisation: &OrganisationId) -> Option<ConcurrencyPermit> {
        self.waits.acquire(organisation).ok()
    }

    /// A place among the exports that are made; none when all are taken, or all that one organisation
    /// may have.
    pub fn acquire_export_permit(
        &self,
        organisation: &OrganisationId,
    ) -> Option<ConcurrencyPermit> {
        self.exports.acquire(organisation).ok()
    }

    /// Lets a request go on whose caller is known now: by their rate, and with a permit of their
    /// organisation instead of one of the address.
    pub fn admit_caller(
        &self,
        context: &RequestContext,
        organisation: &OrganisationId,
        subject: &str,
    ) -> Result<(), ApiError> {
        self.admission.check_caller(context, organisation, subject, self.clock.now())?;
        let permit =
            self.concurrency.acquire_for_organisation(organisation, context.connection())?;
        context.hold_permit(permit);
        Ok(())
    }
}
