//! Everything that needs Postgres or HTTP, in one binary.

mod api;
mod simulator;
mod store;
mod sync;
mod tidy;
