//! The form that an administrator fills in.

pub mod get;
