//! Middleware around all routes. `stack` has the layers in order.

mod access_log;
pub mod audit_refusals;
mod authenticator;
mod body_deadline;
mod catch_panic;
pub(crate) mod compression;
mod host;
pub mod idempotency;
mod load_shed;
mod problem_document;
mod request_context;
mod request_id;
mod response_body;
mod stack;
mod traceparent;

pub use access_log::{DURATION_BUCKETS_S, DURATION_SECONDS, describe_metrics};
pub use authenticator::Authenticator;
pub use body_deadline::{BodyAllowance, BodyTooSlow};
pub use catch_panic::panic_text;
pub use problem_document::render;
pub use request_context::RequestContext;
pub use stack::apply;

#[cfg(test)]
mod tests;
