//! The HTTP contract.

mod acceptance;
mod bulk_acceptance;
mod connection_tests;
mod credential_limits;
mod credentials;
mod flow;
mod integrations;
mod requests;
mod roles;
