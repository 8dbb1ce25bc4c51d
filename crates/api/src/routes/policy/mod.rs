//! The organisation's policy.

pub mod get;
pub mod preview;
pub mod put;
