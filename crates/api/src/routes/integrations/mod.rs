//! Integrations: saved connections to Auth0 tenants.

pub mod coverage;
pub mod create;
pub mod delete;
pub mod delete_next_secret;
pub mod get;
pub mod list;
pub mod put_next_secret;
pub mod test;
pub mod update;
