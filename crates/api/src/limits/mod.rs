//! What all clients share, and how much of it one of them may have: permits for requests, waits and
//! exports (`shared_permits`, `concurrency`), and connections. How often somebody may ask is in `rate_limit`.

mod audit_throttle;
mod client_network;
mod concurrency;
mod connections;
mod rate_limit;
mod shared_permits;
mod shares;
mod token_bucket;

pub use audit_throttle::SUPPRESSED_TOTAL;
pub use client_network::client_network;
pub use concurrency::{Concurrency, ConcurrencyPermit};
pub use connections::{Connection, ConnectionLimits, Connections, OpenConnection};
pub use rate_limit::{AttemptReservation, RateLimitStatus, RateLimits, Rates, write_headers};
pub use shared_permits::{AcquireError, Permit, SharedPermits};
pub use shares::{Share, Shares};
pub use token_bucket::Rate;
