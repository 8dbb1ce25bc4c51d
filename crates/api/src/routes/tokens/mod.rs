//! Access tokens for API credentials.

pub mod create;
