//! The history of an integration.

pub mod get;
pub mod list;
