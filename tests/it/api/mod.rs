//! The HTTP contract.

mod acceptance;
mod bulk_acceptance;
mod connection_tests;
mod flow;
mod integrations;
mod isolation;
mod requests;
mod statements;
