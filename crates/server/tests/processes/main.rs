//! The program as processes: killed, paused, cut off, stopped and started again. These need the server
//! programs of PostgreSQL, take real time, and wait for nothing longer than they must.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod attacks;
mod check;
mod check_unread;
mod database;
mod embedded;
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
