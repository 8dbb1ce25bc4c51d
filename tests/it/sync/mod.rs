//! Syncs end to end against simulated tenants that misbehave.

mod cancellation;
mod essential_readings;
mod failed_readings;
mod finding_transitions;
mod forbidden_readings;
mod optional;
mod plan;
mod policy;
mod profiles;
mod rate_limit;
mod refused_readings;
mod remediation;
mod reminders;
mod schedule;
mod secret_rotation;
mod server_sent_events;
mod sql_statement_counts;
mod stored_snapshots;
