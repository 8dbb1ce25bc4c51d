//! The organisation's policy.

pub mod get;
pub mod put;
