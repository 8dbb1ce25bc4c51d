//! What is wrong.

pub mod get;
pub mod list;
