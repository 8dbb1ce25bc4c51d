//! Who did what from where, and what was refused.

pub mod export;
pub mod list;
pub mod verify;
