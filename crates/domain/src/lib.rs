//! Domain types and rules: time, ids, readings, checks, reconciliation, score. Only values and pure
//! functions: no I/O, no async code.

pub mod acceptance;
pub mod address;
pub mod attack_techniques;
pub mod bounded;
pub mod checks;
pub mod clock;
pub mod connection;
pub mod connection_test;
pub mod controls;
pub mod coverage;
pub mod credential;
pub mod drift;
pub mod fault;
pub mod finding;
pub mod form;
pub mod frequency;
pub mod health;
pub mod history;
pub mod ids;
pub mod inconclusive;
pub mod integration;
mod named_enum;
pub mod object;
pub mod ocsf;
pub mod plan;
pub mod policy;
pub mod preview;
pub mod priority;
pub mod readings;
pub mod reconcile;
pub mod recorded_evaluation;
pub mod remediation;
pub mod reminder;
pub mod report;
pub mod scope;
pub mod score;
pub mod signal;
pub mod snapshot;
pub mod special_purpose_addresses;
pub mod sync;
pub mod tenant;
#[cfg(test)]
mod test_support;

pub use clock::{Clock, IdSource};
pub use fault::{Fault, FaultLocation, Faults};
pub use ids::{
    AssetId, CredentialId, FindingId, HistoryEntryId, IntegrationId, OrganisationId, SyncId,
    TransitionId,
};
