//! Findings and their acceptance.

pub mod accept;
pub mod bulk_accept;
pub mod export;
pub mod get;
pub mod list;
pub mod revoke_acceptance;
