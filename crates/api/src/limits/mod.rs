//! What all clients share, and how much of it one of them may have: permits for requests, waits and
//! exports (`shared_permits`, `concurrency`), and connections. How often somebody may ask is in `rate_limit`.

use std::time::Duration;

use domain::OrganisationId;

mod audit_throttle;
mod client_address;
mod client_network;
mod concurrency;
mod connections;
mod rate_limit;
mod shared_permits;
mod shares;
mod token_bucket;

pub use audit_throttle::SUPPRESSED_TOTAL;
pub use client_address::TrustedProxies;
pub use client_network::client_network;
pub use concurrency::{Concurrency, ConcurrencyPermit};
pub use connections::{Connection, ConnectionLimits, Connections, OpenConnection};
pub use rate_limit::{AttemptReservation, RateLimitStatus, RateLimits, Rates, write_headers};
pub use shared_permits::{AcquireError, Permit, SharedPermits};
pub use shares::{Share, Shares};
pub use token_bucket::Rate;

/// A place among the requests of an organisation that wait, stream or export; given back with its value.
pub type OrganisationPermit = Permit<OrganisationId>;

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
