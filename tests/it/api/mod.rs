//! The HTTP contract.

mod acceptance;
mod audit;
mod audit_bounds;
mod audit_complete;
mod bulk_acceptance;
mod connection_tests;
mod coverage;
mod credential_limits;
mod credentials;
mod export;
mod export_stream;
mod flow;
mod integrations;
mod isolation;
mod limits;
mod looking_back;
mod next_secret;
mod policy;
mod policy_preview;
mod requests;
mod roles;
mod rows;
mod statements;
mod token_limits;
