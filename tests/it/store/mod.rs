//! The store on a real Postgres, one database for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, in its fixtures too")]

mod fixtures;
mod outcomes;

mod acceptance;
mod assets;
mod audit;
mod availability;
mod batch_claims;
mod claiming;
mod cursors;
mod deletion;
mod expiry;
mod findings;
mod finishing;
mod fitness;
mod history;
mod idempotency;
mod integrations;
mod isolation;
mod judgements;
mod listening;
mod paging;
mod plans;
mod racing;
mod resealing;
mod rotating;
mod row_security;
mod scheduling;
mod secrets;
mod stopping;
mod syncs;
mod tokens;
