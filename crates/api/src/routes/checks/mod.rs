//! The catalogue.

pub mod get;
pub mod list;
