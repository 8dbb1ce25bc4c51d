//! The HTTP contract.

mod connection_tests;
mod flow;
mod integrations;
mod requests;
