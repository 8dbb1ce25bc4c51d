//! Tenants as SAFE shows them.

pub mod get;
pub mod list;
