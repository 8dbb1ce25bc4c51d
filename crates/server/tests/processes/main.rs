//! Tests of the program as processes that are killed, paused, disconnected, stopped and restarted. They need the
//! PostgreSQL server programs and run in real time.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod check;
mod check_baseline;
mod check_formats;
mod check_plan;
mod check_unread;
mod connection_timeouts;
mod database;
mod embedded;
mod github_action;
mod hostile_tenants;
mod http1;
mod keys;
mod leaks;
mod logs;
mod readme;
mod resource_exhaustion;
mod roles;
mod soak;
mod support;
mod takeover;
mod worker;
