//! The client on real sockets. Faithful tenants are in the workspace's `tests/`, with the simulator;
//! here are the answers that no HTTP server would give.

mod certificates;
mod closed;
mod connections;
mod lists;
mod pacing;
mod support;
mod tokens;
mod wire;
