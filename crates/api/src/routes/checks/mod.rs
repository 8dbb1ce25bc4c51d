//! The catalogue of checks.

pub mod get;
pub mod list;
