//! Readings of a tenant.

pub mod cancel;
pub mod events;
pub mod get;
pub mod start;

/// How soon it is worth asking for a sync that is not over, in seconds.
const RETRY_AFTER_S: u32 = 2;
