//! Limits of what clients share: permits for requests, waits and exports (`shared_permits`, `concurrency`),
//! connections, and rate limits (`rate_limit`).

use std::time::Duration;

use domain::OrganisationId;

mod audit_throttle;
mod client_address;
mod client_network;
mod concurrency;
mod connections;
mod forwarding;
mod known_callers;
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

/// The permit of a request that waits, streams or exports, for one organisation.
pub type OrganisationPermit = Permit<OrganisationId>;

/// Limits of one process.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Concurrent authenticated requests, and as many unauthenticated ones; further ones get 503. Probes and metrics do
    /// not count.
    pub concurrent_requests: usize,
    /// Concurrent requests of one organisation; further ones get 429.
    pub concurrent_per_organisation: usize,
    /// Concurrent unauthenticated requests from one address; further ones get 429.
    pub concurrent_per_address: usize,
    /// Time limit of a request; then it gets 503. `Prefer: wait=N` of `start_sync` adds to it.
    pub request_time: Duration,
    /// Time limit of a request body, plus one second for each 4 KiB.
    pub body_time: Duration,
    /// A response is dropped when its client reads nothing for this long.
    pub stall_time: Duration,
    /// Requests that wait for a sync; further ones get their 202 immediately.
    pub waiting_requests: usize,
    /// Waiting requests of one organisation.
    pub waiting_per_organisation: usize,
    /// Rate limits of callers, addresses and organisations.
    pub rates: Rates,
    /// Proxies whose headers name the client address.
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
