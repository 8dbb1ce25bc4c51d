//! Syncs end to end against simulated tenants that misbehave.

mod entitlements;
mod essential;
mod faults;
mod following;
mod keeping;
mod lifecycle;
mod optional;
mod pacing;
mod plan;
mod policy;
mod profiles;
mod refusals;
mod remediation;
mod reminders;
mod rotation;
mod schedule;
mod statements;
mod stopping;
