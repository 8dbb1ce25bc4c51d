//! The HTTP contract.

mod acceptance;
mod audit;
mod bulk_acceptance;
mod connection_tests;
mod flow;
mod integrations;
mod limits;
mod requests;
