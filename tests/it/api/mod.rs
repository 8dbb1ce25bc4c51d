//! The HTTP contract.

mod acceptance;
mod audit;
mod bulk_acceptance;
mod connection_tests;
mod export;
mod export_stream;
mod credential_limits;
mod credentials;
mod flow;
mod integrations;
mod next_secret;
mod policy;
mod coverage;
mod flow;
mod integrations;
mod looking_back;
mod limits;
mod requests;
mod rows;
mod roles;
mod isolation;
mod statements;
