//! What every request passes: its id and span, limits, authentication of the connection, the body on its way in,
//! the answer on its way out, and the access log. `stack` has the order.

mod access_log;
pub mod audit_refusals;
mod client_address;
mod edge;
mod host;
pub mod idempotency;
mod load_shed;
mod request_body;
mod request_context;
mod response_body;
mod stack;
mod traceparent;

pub use access_log::{DURATION_BUCKETS_S, DURATION_SECONDS, describe_metrics};
pub use client_address::TrustedProxies;
pub use edge::{ConcurrencyPermit, Edge, Limits};
pub use host::check_host;
pub use request_body::{BodyAllowance, BodyTooSlow, RequestBody};
pub use request_context::RequestContext;
pub use response_body::watch;
pub use stack::{apply, panic_text};

#[cfg(test)]
mod tests;
