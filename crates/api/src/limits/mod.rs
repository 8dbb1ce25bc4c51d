//! What all clients share, and how much of it one of them may have: permits for requests, waits and
//! exports (`shared_permits`, `concurrency`), and connections. Not here: how often somebody may ask
//! (`edge/admission.rs`).

mod concurrency;
mod connections;
mod shared_permits;
mod shares;

pub use concurrency::{Concurrency, ConcurrencyPermit};
pub use connections::{Connection, ConnectionLimits, Connections, OpenConnection};
pub use shared_permits::{AcquireError, Permit, SharedPermits};
pub use shares::{Share, Shares};
