//! Everything that needs Postgres or HTTP, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing fails, as it should")]

mod api;
mod cases;
mod deploy;
mod evaluation_cost;
mod fuzz_smoke;
mod golden;
mod simulator;
mod store;
mod sync;
mod tidy;
