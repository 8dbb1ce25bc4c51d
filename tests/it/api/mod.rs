//! The HTTP contract.

mod acceptance;
mod bulk_acceptance;
mod connection_tests;
mod coverage;
mod flow;
mod integrations;
mod looking_back;
mod requests;
