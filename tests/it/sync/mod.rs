//! Syncs end to end against simulated tenants that misbehave.

mod faults;
mod following;
mod lifecycle;
mod optional;
mod pacing;
mod refusals;
mod remediation;
mod schedule;
mod stopping;
