//! What programs call with.

pub mod create;
pub mod get;
pub mod list;
pub mod revoke;
