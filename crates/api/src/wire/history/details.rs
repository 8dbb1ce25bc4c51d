//! Schemas of the details of history entries. Details are stored as JSON; a test compares these schemas
//! with stored entries.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use utoipa::ToSchema;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Object, Ref, RefOr};

use super::super::Timestamp;
use super::super::connection_test::{Forecast, Scopes, Step, TestOutcome};
use super::super::sync::{CheckCounts, Failure, FindingCounts, ReadingReport};
use super::super::wire_enum;

/// Details of a `sync` entry. Empty while the sync runs, and for a sync that ended without a result
/// (cancelled, or failed after several attempts).
#[derive(ToSchema)]
pub struct SyncDetails {
    /// Number of workers that claimed the sync.
    attempts: u32,
    /// Duration in milliseconds. Null: the sync never started.
    duration_ms: Option<i64>,
    /// Number of requests sent to the tenant, including token requests.
    calls: u32,
    /// Number of 429 responses from the tenant.
    rate_limited: u32,
    /// Outcome of each reading.
    readings: Vec<ReadingReport>,
    /// Number of checks by result.
    checks: CheckCounts,
    /// Number of findings by effect of the sync.
    findings: FindingCounts,
    /// Null: no check was conclusive.
    #[schema(maximum = 100)]
    coverage_percent: Option<u8>,
    /// Version of the organisation's policy used. Null: no evaluation took place.
    policy_version: Option<i64>,
    /// Null: the sync did not fail.
    failure: Option<Failure>,
}

/// Details of a `test_connection` entry.
#[derive(ToSchema)]
pub struct TestDetails {
    connection_test: TestReport,
}

/// The stored report of a connection test: `ConnectionTest` without the members about its recording.
#[derive(ToSchema)]
#[schema(as = RecordedConnectionTest)]
pub struct TestReport {
    outcome: TestOutcome,
    steps: Vec<Step>,
    scopes: Scopes,
    coverage: Forecast,
    /// Total duration in milliseconds.
    duration_ms: u64,
    /// Number of requests sent to the tenant.
    calls: u32,
}

/// Details of an `update` entry caused by a user.
#[derive(ToSchema)]
pub struct UpdateDetails {
    /// Changed fields; for a new integration, the fields with a value. `next_secret`: the next client
    /// secret was set, replaced or dropped. Empty: scheduled syncs were resumed.
    changed_fields: Vec<String>,
    /// True for the creation of the integration.
    #[schema(nullable = false)]
    created: Option<bool>,
    /// The connection test run before saving. Absent: no connection field changed.
    #[schema(nullable = false)]
    connection_test: Option<TestReport>,
}

/// Details of an `update` entry by `system`.
#[derive(ToSchema)]
pub struct MachineDetails {
    by_machine: MachineChange,
    /// With `secret_promoted`: the changed fields.
    #[schema(nullable = false)]
    changed_fields: Option<Vec<String>>,
    /// With `secret_expires`: the reminder stage in days before the expiry. 0: expired.
    #[schema(nullable = false)]
    days: Option<u8>,
    /// With `secret_expires`: when the client secret expires.
    #[schema(nullable = false)]
    expires_at: Option<Timestamp>,
}

wire_enum! {
    /// Changes made by the service. `warned`: all syncs have failed for days. `paused`: scheduled syncs stopped
    /// because of the failures. `resumed`: a sync succeeded again. `secret_promoted`: the next client secret
    /// replaced the current one. `secret_expires`: the client secret expires soon or has expired.
    MachineChange of domain::history::MachineChange
}

/// Any of these schemas, or an empty object.
pub fn schema() -> RefOr<Schema> {
    let named = |name| RefOr::Ref(Ref::from_schema_name(name));
    let any = AnyOfBuilder::new()
        .description(Some(
            "By `action`: `test_connection` has `TestDetails`, `sync` has `SyncDetails` (an empty object until it ends), \
             `update` has `UpdateDetails`, or `MachineDetails` where the service did it by itself. Members may be added.",
        ))
        .item(named("SyncDetails"))
        .item(named("TestDetails"))
        .item(named("UpdateDetails"))
        .item(named("MachineDetails"))
        .item(Schema::Object(Object::new()));
    RefOr::T(Schema::AnyOf(any.build()))
}
