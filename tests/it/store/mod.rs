//! The store on a real Postgres, one database for each test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, in its fixtures too")]

mod fixtures;
mod outcomes;

mod acceptance;
mod assets;
mod availability;
mod claiming;
mod deletion;
mod expiry;
mod findings;
mod finishing;
mod history;
mod idempotency;
mod integrations;
mod isolation;
mod listening;
mod paging;
mod racing;
mod row_security;
mod scheduling;
mod secrets;
mod stopping;
mod syncs;
