//! The store on a real Postgres, one database for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, in its fixtures too")]

mod fixtures;
mod sync_outcomes;

mod acceptance;
mod assets;
mod audit;
mod audit_retention;
mod availability;
mod batch_claims;
mod cancellation;
mod claim;
mod cursors;
mod encrypted_secrets;
mod findings;
mod finish;
mod history;
mod idempotency;
mod integration_deletion;
mod integrations;
mod isolation;
mod judgements;
mod key_rotation;
mod listen_notify;
mod preflight;
mod promote_next_secret;
mod query_plans;
mod retention;
mod row_level_security;
mod scheduler;
mod sort_orders;
mod syncs;
mod tokens;
mod transaction_retries;
