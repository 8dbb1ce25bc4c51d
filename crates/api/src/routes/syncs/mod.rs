//! Syncs of a tenant.

pub mod cancel;
pub mod event_stream;
pub mod get;
pub mod start;

/// `Retry-After` of a sync that has not ended.
const RETRY_AFTER_S: u32 = 2;
