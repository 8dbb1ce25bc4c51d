//! What was done, by whom.

pub mod get;
pub mod list;
