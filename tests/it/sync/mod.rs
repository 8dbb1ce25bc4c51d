//! Syncs end to end against simulated tenants that misbehave.

mod faults;
mod following;
mod lifecycle;
mod pacing;
mod schedule;
mod stopping;
