//! The audit: changes, refusals and denials.

pub mod export;
pub mod list;
pub mod verify;
