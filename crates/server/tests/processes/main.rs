//! Tests of the program as processes that are killed, paused, disconnected, stopped and restarted. They need the
//! PostgreSQL server programs and run in real time.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod attacks;
mod check;
mod check_plan;
mod check_unread;
mod database;
mod embedded;
mod hostile_tenants;
mod http1;
mod keys;
mod leaks;
mod logs;
mod readme;
mod roles;
mod slow_clients;
mod soak;
mod support;
mod takeover;
mod worker;
