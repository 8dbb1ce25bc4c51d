//! The client on real sockets, with responses that no HTTP server would send. Tests with realistic tenants
//! use the simulator, in the workspace's `tests/`.

mod certificates;
mod closed;
mod connections;
mod lists;
mod pacing;
mod support;
mod tokens;
mod wire;
