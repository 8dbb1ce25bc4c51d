//! Syncs end to end against simulated tenants that misbehave.

mod faults;
mod following;
mod keeping;
mod lifecycle;
mod optional;
mod pacing;
mod refusals;
mod schedule;
mod stopping;
