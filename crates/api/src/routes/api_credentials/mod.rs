//! API credentials, with which programs call the API.

pub mod create;
pub mod get;
pub mod list;
pub mod revoke;
